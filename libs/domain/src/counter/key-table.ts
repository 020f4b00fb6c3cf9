const EMPTY = -1

/**
 * A set of keys of 2 or 4 32-bit words in typed arrays. Every key gets a row number, given in order and never changed,
 * so that callers keep values in columns of their own and pages of rows can be written to disk. Keys are hashes or random
 * ids already, so the table mixes their words only lightly. 8 bytes a word pair, 5 to 11 bytes of index a key.
 */
export class KeyTable {
  size = 0
  private words: Uint32Array
  private index: Int32Array

  /** `expected` keys fit without growing; it costs memory at once, so it is for short-lived tables. */
  constructor(
    readonly wordsPerKey: 2 | 4,
    expected = 4,
  ) {
    this.words = new Uint32Array(wordsPerKey * expected)
    this.index = new Int32Array(2 ** Math.ceil(Math.log2(expected * 2))).fill(EMPTY)
  }

  /** Rows that fit before the next growth; columns of callers grow alike. */
  get capacity(): number {
    return this.words.length / this.wordsPerKey
  }

  /** The row of the key, or -1. Tables of 2 words ignore `c` and `d`. */
  find(a: number, b: number, c = 0, d = 0): number {
    const mask = this.index.length - 1
    for (let probe = spread(a, b, c, d) & mask; ; probe = (probe + 1) & mask) {
      const row = this.index[probe]!
      if (row === EMPTY || this.holds(row, a, b, c, d)) return row
    }
  }

  /** The row of the key, made if it is not there: then it equals the former `size`. */
  add(a: number, b: number, c = 0, d = 0): number {
    const found = this.find(a, b, c, d)
    if (found !== EMPTY) return found
    if (this.size === this.capacity) this.growWords()
    if (this.size * 4 >= this.index.length * 3) this.growIndex()
    const row = this.size++
    const at = row * this.wordsPerKey
    this.words[at] = a
    this.words[at + 1] = b
    if (this.wordsPerKey === 4) {
      this.words[at + 2] = c
      this.words[at + 3] = d
    }
    this.place(row)
    return row
  }

  word(row: number, n: number): number {
    return this.words[row * this.wordsPerKey + n]!
  }

  private holds(row: number, a: number, b: number, c: number, d: number): boolean {
    const at = row * this.wordsPerKey
    if (this.words[at] !== a || this.words[at + 1] !== b) return false
    return this.wordsPerKey === 2 || (this.words[at + 2] === c && this.words[at + 3] === d)
  }

  private place(row: number): void {
    const four = this.wordsPerKey === 4
    const mask = this.index.length - 1
    const hash = spread(
      this.word(row, 0),
      this.word(row, 1),
      four ? this.word(row, 2) : 0,
      four ? this.word(row, 3) : 0,
    )
    let probe = hash & mask
    while (this.index[probe] !== EMPTY) probe = (probe + 1) & mask
    this.index[probe] = row
  }

  private growWords(): void {
    const rows = Math.ceil(this.capacity * 1.5)
    const grown = new Uint32Array(rows * this.wordsPerKey)
    grown.set(this.words)
    this.words = grown
  }

  private growIndex(): void {
    this.index = new Int32Array(this.index.length * 2).fill(EMPTY)
    for (let row = 0; row < this.size; row++) this.place(row)
  }
}

function spread(a: number, b: number, c: number, d: number): number {
  let h =
    Math.imul(a ^ (a >>> 15), 0x2c1b3c6d) ^
    Math.imul(b, 0x297a2d39) ^
    Math.imul(c, 0x85ebca6b) ^
    Math.imul(d, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f)
  return (h ^ (h >>> 16)) >>> 0
}
