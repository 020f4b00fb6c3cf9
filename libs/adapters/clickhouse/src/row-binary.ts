const FIRST_BYTES = 64 * 1024
/** Texts whose length is one byte and which are worth a loop, UTF-16 units. */
const SHORT = 40

/**
 * Writes rows in ClickHouse's RowBinary format into one growing buffer. Chosen over JSON because no value can break
 * it: every string is taken (lone surrogates become U+FFFD), integers keep their 64 bits, ids stay bytes.
 */
export class RowBinaryWriter {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES)
  private length = 0

  uint8(value: number): void {
    assertUint(value, 0xff)
    this.reserve(1)[this.length++] = value
  }

  uint16(value: number): void {
    assertUint(value, 0xffff)
    const target = this.reserve(2)
    target[this.length++] = value
    target[this.length++] = value >>> 8
  }

  uint32(value: number): void {
    assertUint(value, 0xffff_ffff)
    this.bits32(value)
  }

  /** Integers up to 2^53, as Int64 and UInt64 alike. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number of 53 bits`)
    const high = Math.floor(value / 2 ** 32)
    this.bits32(value - high * 2 ** 32)
    this.bits32(high)
  }

  text(value: string): void {
    if (value.length <= SHORT && this.ascii(value)) return
    const size = Buffer.byteLength(value)
    this.varint(size)
    this.length += this.reserve(size).write(value, this.length, size, 'utf8')
  }

  /** The bytes of a FixedString, or of one integer when `reversed` (ours are big-endian, RowBinary is not). */
  bytes(value: Uint8Array, reversed = false): void {
    const target = this.reserve(value.length)
    for (let at = 0; at < value.length; at++) {
      target[this.length + at] = value[reversed ? value.length - 1 - at : at] as number
    }
    this.length += value.length
  }

  texts(values: readonly string[]): void {
    this.varint(values.length)
    for (const value of values) this.text(value)
  }

  /** What was written so far; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  /** Most columns hold a short word: for these, two calls into the runtime cost several times what a loop does. False = not ASCII. */
  private ascii(value: string): boolean {
    const target = this.reserve(1 + SHORT)
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) return false
      target[this.length + 1 + i] = unit
    }
    target[this.length] = value.length
    this.length += 1 + value.length
    return true
  }

  private bits32(value: number): void {
    const target = this.reserve(4)
    for (let shift = 0; shift < 32; shift += 8) target[this.length++] = value >>> shift
  }

  private varint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.uint8((rest & 0x7f) | 0x80)
    this.uint8(rest)
  }

  private reserve(size: number): Buffer {
    if (this.length + size > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size))
      this.buffer.copy(larger, 0, 0, this.length)
      this.buffer = larger
    }
    return this.buffer
  }
}

/** Cut to its lowest bits it would be another number. */
function assertUint(value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not between 0 and ${max}`)
}
