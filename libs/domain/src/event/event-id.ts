import { hash } from 'node:crypto'

const ID_BYTES = 16
const FIRST_ID_MS = Date.UTC(2020, 0, 1)
const LAST_ID_MS = Date.UTC(2100, 0, 1) - 1

/** What `/v1/events` takes as `id` (contract section 3). */
export const SERVER_EVENT_ID = /^[A-Za-z0-9_.:-]{1,64}$/

/** The 16 bytes of a UUID version 7 (RFC 9562), 32 hex digits or with dashes, in any case; null for anything else. */
export function parseUuid7(text: string): Uint8Array | null {
  const bytes = uuidBytes(text)
  return bytes !== null && bytes[6]! >> 4 === 7 && bytes[8]! >> 6 === 0b10 ? bytes : null
}

/** The time in a UUID version 7, ms, clamped to the years 2020-2099: it only orders storage (contract section 2). */
export function uuidTimeMs(bytes: Uint8Array): number {
  let time = 0
  for (let i = 0; i < 6; i++) time = time * 256 + bytes[i]!
  return Math.min(Math.max(time, FIRST_ID_MS), LAST_ID_MS)
}

/**
 * The id of a server event from its text (`SERVER_EVENT_ID`): a UUID of any version is its 16 bytes, so that an id is
 * the same whatever the door, case or dashes (contract section 1, Counted event); other text is hashed, case and all.
 */
export function serverEventId(text: string): Uint8Array {
  return uuidBytes(text) ?? hash('sha256', `truycap server event id:${text}`, 'buffer').subarray(0, ID_BYTES)
}

/** Value of each hex digit by its character code; the other characters are 16 or more. */
const HEX = new Uint8Array(128).fill(16)
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

function uuidBytes(text: string): Uint8Array | null {
  const dashed = text.length === 36
  if (!dashed && text.length !== 32) return null
  const bytes = new Uint8Array(ID_BYTES)
  let at = 0
  for (let i = 0; i < ID_BYTES; i++) {
    if (dashed && (i === 4 || i === 6 || i === 8 || i === 10) && text[at++] !== '-') return null
    const high = HEX[text.charCodeAt(at++)] ?? 16
    const low = HEX[text.charCodeAt(at++)] ?? 16
    if (high > 15 || low > 15) return null
    bytes[i] = high * 16 + low
  }
  return bytes
}
