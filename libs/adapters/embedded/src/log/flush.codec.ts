import type { LogRecord } from '#ports'

const HEADER_BYTES = 12
const LENGTH_BYTES = 4

/** One value of the log: all records of one partition that were synced together. */
export interface Flush {
  readonly firstOffset: number
  readonly appendedAtMs: number
  readonly records: readonly Uint8Array[]
}

/** Append time (f64), number of records (u32), then each record behind its length (u32), big end first. */
export function encodeFlush(appendedAtMs: number, records: readonly Uint8Array[]): Uint8Array {
  let size = HEADER_BYTES
  for (const record of records) size += LENGTH_BYTES + record.length
  const bytes = Buffer.allocUnsafe(size)
  bytes.writeDoubleBE(appendedAtMs, 0)
  bytes.writeUInt32BE(records.length, 8)
  let at = HEADER_BYTES
  for (const record of records) {
    bytes.writeUInt32BE(record.length, at)
    bytes.set(record, at + LENGTH_BYTES)
    at += LENGTH_BYTES + record.length
  }
  return bytes
}

/** Throws on a value that this code cannot have written: LevelDB checks its own sums, so that is a bug or a wrong folder. */
export function decodeFlush(firstOffset: number, value: Uint8Array): Flush {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const count = bytes.readUInt32BE(8)
  const records: Uint8Array[] = []
  let at = HEADER_BYTES
  for (let i = 0; i < count; i++) {
    const from = at + LENGTH_BYTES
    at = from + bytes.readUInt32BE(at)
    if (at > bytes.length) throw new RangeError(`The log is damaged at offset ${firstOffset + i}.`)
    records.push(bytes.subarray(from, at))
  }
  return { firstOffset, appendedAtMs: bytes.readDoubleBE(0), records }
}

export function endOfFlush(flush: Flush): number {
  return flush.firstOffset + flush.records.length
}

/** The records of a flush from an offset on. */
export function recordsFrom(flush: Flush, offset: number): LogRecord[] {
  const records: LogRecord[] = []
  for (let i = Math.max(0, offset - flush.firstOffset); i < flush.records.length; i++) {
    records.push({ offset: flush.firstOffset + i, appendedAtMs: flush.appendedAtMs, bytes: flush.records[i] })
  }
  return records
}
