import { decodeStamped, encodeStamped } from '#disk'
import type { LogRecord } from '#ports'

/** One value of the log: all records of one partition that were synced together. */
export interface Flush {
  readonly firstOffset: number
  readonly appendedAtMs: number
  readonly records: readonly Uint8Array[]
}

export function encodeFlush(appendedAtMs: number, records: readonly Uint8Array[]): Uint8Array {
  return encodeStamped(appendedAtMs, records)
}

/** Throws on a value that this code cannot have written: LevelDB checks its own sums, so that is a bug or a wrong folder. */
export function decodeFlush(firstOffset: number, value: Uint8Array): Flush {
  const { atMs, parts } = decodeStamped(value, `The log at offset ${firstOffset}`)
  return { firstOffset, appendedAtMs: atMs, records: parts }
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
