import { decodeStamped, encodeStamped } from '#disk'
import type { LogEntry } from '#ports'

const SEQUENCE_DIGITS = 16

/** Keys sort by sequence number; each also tells the size of its value, so that a start counts bytes without reading any. */
export function keyOf(sequence: number, bytes?: number): string {
  const padded = String(sequence).padStart(SEQUENCE_DIGITS, '0')
  return bytes === undefined ? padded : `${padded}/${bytes}`
}

export function sequenceOf(key: string): number {
  return Number(key.slice(0, SEQUENCE_DIGITS))
}

export function bytesOf(key: string): number {
  return Number(key.slice(SEQUENCE_DIGITS + 1))
}

/** What was spooled together, and when. */
export interface SpooledFlush {
  readonly atMs: number
  readonly entries: readonly LogEntry[]
}

export function encodeSpooled({ atMs, entries }: SpooledFlush): Uint8Array {
  return encodeStamped(
    atMs,
    entries.flatMap(({ site, bytes }) => [Buffer.from(site), bytes]),
  )
}

export function decodeSpooled(key: string, value: Uint8Array): SpooledFlush {
  const { atMs, parts } = decodeStamped(value, `The spool at ${key}`)
  const entries: LogEntry[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) entries.push({ site: String(parts[i]), bytes: parts[i + 1] })
  return { atMs, entries }
}
