import { KeyTable, NO_STRETCHES, type Stretches } from '#domain'

/** Rows of one page, the unit in which records are written to disk. */
export const PAGE_ROWS = 128

/**
 * Run records by key. Nearly all have one stretch, which lies in a typed column; the others hang in a list and the column
 * holds their place in it, negative. Rows are in order of arrival, so readers of the moment share few pages.
 */
export class RunTable {
  private readonly keys: KeyTable
  private column: Float64Array
  private readonly lists: Stretches[] = []
  private readonly changedPages = new Set<number>()

  constructor(wordsPerKey: 2 | 4) {
    this.keys = new KeyTable(wordsPerKey)
    this.column = new Float64Array(this.keys.capacity)
  }

  get size(): number {
    return this.keys.size
  }

  get(a: number, b: number, c: number, d: number): Stretches {
    const row = this.keys.find(a, b, c, d)
    return row < 0 ? NO_STRETCHES : this.stretchesOf(row)
  }

  set(a: number, b: number, c: number, d: number, stretches: Stretches): void {
    const rows = this.keys.size
    const row = this.keys.add(a, b, c, d)
    if (this.column.length < this.keys.capacity) this.growColumn()
    const value = this.column[row]
    if (row < rows && value < 0) this.lists[-value - 1] = stretches
    else this.column[row] = stretches.length === 1 ? stretches[0] : -this.lists.push(stretches)
    this.changedPages.add(Math.floor(row / PAGE_ROWS))
  }

  /** The pages changed since the last call, each encoded whole. */
  takeChangedPages(): [page: number, bytes: Uint8Array][] {
    const pages = [...this.changedPages].map((page): [number, Uint8Array] => [page, this.encodePage(page)])
    this.changedPages.clear()
    return pages
  }

  /** Takes back one page; pages come in order. */
  restorePage(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const wide = this.keys.wordsPerKey === 4
    for (let at = 0; at < bytes.byteLength;) {
      const words = [0, 0, 0, 0]
      for (let i = 0; i < this.keys.wordsPerKey; i++, at += 4) words[i] = view.getUint32(at)
      const count = view.getUint16(at)
      at += 2
      const stretches = Array.from({ length: count }, (_, i) => view.getFloat64(at + i * 8))
      at += count * 8
      this.set(words[0], words[1], wide ? words[2] : 0, wide ? words[3] : 0, stretches)
    }
    this.changedPages.clear()
  }

  private encodePage(page: number): Uint8Array {
    const from = page * PAGE_ROWS
    const to = Math.min(from + PAGE_ROWS, this.keys.size)
    const rows = Array.from({ length: to - from }, (_, i) => this.stretchesOf(from + i))
    const bytes = rows.reduce((sum, stretches) => sum + this.keys.wordsPerKey * 4 + 2 + stretches.length * 8, 0)
    const view = new DataView(new ArrayBuffer(bytes))
    let at = 0
    rows.forEach((stretches, i) => {
      for (let word = 0; word < this.keys.wordsPerKey; word++, at += 4)
        view.setUint32(at, this.keys.word(from + i, word))
      view.setUint16(at, stretches.length)
      at += 2
      for (const stretch of stretches) {
        view.setFloat64(at, stretch)
        at += 8
      }
    })
    return new Uint8Array(view.buffer)
  }

  private stretchesOf(row: number): Stretches {
    const value = this.column[row]
    return value < 0 ? this.lists[-value - 1] : [value]
  }

  private growColumn(): void {
    const grown = new Float64Array(this.keys.capacity)
    grown.set(this.column)
    this.column = grown
  }
}
