const FIRST_BYTES = 64 * 1024

/**
 * Writes rows in ClickHouse's RowBinary format into one growing buffer. Chosen over JSON because no value can break
 * it: every string is taken (lone surrogates become U+FFFD), integers keep their 64 bits, ids stay bytes.
 */
export class RowBinaryWriter {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES)
  private length = 0

  uint8(value: number): void {
    this.length = this.reserve(1).writeUInt8(value, this.length)
  }

  uint16(value: number): void {
    this.length = this.reserve(2).writeUInt16LE(value, this.length)
  }

  uint32(value: number): void {
    this.length = this.reserve(4).writeUInt32LE(value, this.length)
  }

  /** Integers up to 2^53, as Int64 and UInt64 alike. */
  int64(value: number): void {
    this.length = this.reserve(8).writeBigInt64LE(BigInt(value), this.length)
  }

  text(value: string): void {
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
