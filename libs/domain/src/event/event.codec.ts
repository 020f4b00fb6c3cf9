import { isUtf8 } from 'node:buffer'
import { SITE_ID } from '../site/site.js'
import { type Event, EVENT_TYPES, type EventFacts } from './event.js'

/** First byte of a record. A change of the layout is a new version; old ones stay readable as long as a log may hold them. */
export const EVENT_FORMAT = 1

const HAS_VISITOR = 1
const HAS_ONLINE_ID = 2
const IS_ENTRY = 4
const IS_BOT = 8
const ALL_FLAGS = 15

/*
 * Layout of version 1, big endian. Absent hashes are zero bytes.
 *   0 version, 1 type, 2 flags, 3 id (16), 19 idAtMs (6), 25 receivedAtMs (6), 31 t (6), 37 day (4, signed),
 *   41 visitor (8), 49 onlineId (8), 57 visitTimeout (2), 59 width (2), 61 engagedSeconds (2),
 *   63 length of each text (2 each, in UTF-16 units), 89 the texts, one after another, as one run of UTF-8.
 * One run costs one call into the runtime instead of 13; UTF-16 units let the reader cut it apart again.
 */
const ID_AT = 3
const VISITOR_AT = 41
const ONLINE_AT = 49
const LENGTHS_AT = 63
const TEXTS = 13
const TEXT_AT = LENGTHS_AT + 2 * TEXTS

const ID_BYTES = 16
const HASH_BYTES = 8
const LIMIT_16 = 0x1_00_00
/** Year 10000, ms: whatever lies beyond is no time of ours. */
const LIMIT_MS = 253_402_300_800_000
const DAY_SECONDS = 86_400

/**
 * Compact binary form of an event for the log. Throws RangeError on a value that `decodeEvent` would refuse, so that
 * nothing is acknowledged that could not be read again.
 */
export function encodeEvent(event: Event): Buffer {
  const texts = textsOf(event)
  if (!isSound(event) || !fitsLayout(event, texts)) throw new RangeError('the event has a value that cannot be encoded')
  const text = texts.join('')
  const bytes = withText(text)
  writeHeader(bytes, event)
  for (let i = 0, at = LENGTHS_AT; i < TEXTS; i++, at += 2) writeUint16(bytes, at, texts[i]!.length)
  return bytes
}

/** UTF-8 of a text of usual length is written here first, as asking for its length beforehand costs as much as writing it. */
const scratch = Buffer.allocUnsafe(16 * 1024)
const MAX_BYTES_PER_UNIT = 3

/** Room for a record, with its text in place. */
function withText(text: string): Buffer {
  if (text.length * MAX_BYTES_PER_UNIT > scratch.length) {
    const bytes = Buffer.allocUnsafe(TEXT_AT + Buffer.byteLength(text))
    bytes.write(text, TEXT_AT)
    return bytes
  }
  const size = scratch.write(text, 0)
  const bytes = Buffer.allocUnsafe(TEXT_AT + size)
  scratch.copy(bytes, TEXT_AT, 0, size)
  return bytes
}

/** Whether a record says that it is an erasure, without reading the rest of it. */
export function isErasure(bytes: Uint8Array): boolean {
  return EVENT_TYPES[bytes[1]!] === 'erase'
}

/** The event in a record of the log; null = poison: another version, cut off, something behind it, or senseless values. Never throws. */
export function decodeEvent(bytes: Uint8Array): Event | null {
  if (bytes.length < TEXT_AT || bytes[0] !== EVENT_FORMAT) return null
  const type = EVENT_TYPES[bytes[1]!]
  const texts = readTexts(bytes)
  if (type === undefined || bytes[2]! > ALL_FLAGS || texts === null) return null
  const visitor = readHash(bytes, VISITOR_AT, HAS_VISITOR)
  const onlineId = readHash(bytes, ONLINE_AT, HAS_ONLINE_ID)
  if (visitor === undefined || onlineId === undefined) return null
  const event: Event = {
    type,
    site: texts[0]!,
    id: copy(bytes, ID_AT, ID_BYTES),
    idAtMs: readUint(bytes, 19, 6),
    receivedAtMs: readUint(bytes, 25, 6),
    t: readUint(bytes, 31, 6),
    day: readUint(bytes, 37, 4) | 0,
    visitor,
    onlineId,
    visitTimeout: readUint(bytes, 57, 2),
    entry: (bytes[2]! & IS_ENTRY) !== 0,
    path: texts[1]!,
    facts: readFacts(bytes, texts),
  }
  return isSound(event) ? event : null
}

/** Values that both sides insist on. */
function isSound(event: Event): boolean {
  return (
    SITE_ID.test(event.site) &&
    event.idAtMs < LIMIT_MS &&
    event.receivedAtMs < LIMIT_MS &&
    event.t < LIMIT_MS / 1000 &&
    // No zone is a whole day from UTC.
    Math.abs(event.day * DAY_SECONDS - event.t) < 2 * DAY_SECONDS
  )
}

/** What the types of an event allow and the layout does not. */
function fitsLayout(event: Event, texts: readonly string[]): boolean {
  return (
    event.id.length === ID_BYTES &&
    (event.visitor === null || event.visitor.length === HASH_BYTES) &&
    (event.onlineId === null || event.onlineId.length === HASH_BYTES) &&
    isUint(event.idAtMs, LIMIT_MS) &&
    isUint(event.receivedAtMs, LIMIT_MS) &&
    isUint(event.t, LIMIT_MS) &&
    Number.isInteger(event.day) &&
    isUint(event.visitTimeout, LIMIT_16) &&
    isUint(event.facts.width, LIMIT_16) &&
    isUint(event.facts.engagedSeconds, LIMIT_16) &&
    texts.every((text) => text.length < LIMIT_16)
  )
}

function isUint(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit
}

/** The place in this list is on disk. */
function textsOf({ site, path, facts: f }: Event): string[] {
  return [
    site,
    path,
    f.host,
    f.title,
    f.referrerHost,
    f.language,
    f.zone,
    f.country,
    f.browser,
    f.system,
    f.device,
    f.name,
    f.props,
  ]
}

function readFacts(bytes: Uint8Array, texts: readonly string[]): EventFacts {
  return {
    host: texts[2]!,
    title: texts[3]!,
    referrerHost: texts[4]!,
    language: texts[5]!,
    zone: texts[6]!,
    width: readUint(bytes, 59, 2),
    country: texts[7]!,
    browser: texts[8]!,
    system: texts[9]!,
    device: texts[10]!,
    bot: (bytes[2]! & IS_BOT) !== 0,
    name: texts[11]!,
    props: texts[12]!,
    engagedSeconds: readUint(bytes, 61, 2),
  }
}

function writeHeader(bytes: Buffer, event: Event): void {
  bytes[0] = EVENT_FORMAT
  bytes[1] = EVENT_TYPES.indexOf(event.type)
  bytes[2] =
    (event.visitor === null ? 0 : HAS_VISITOR) |
    (event.onlineId === null ? 0 : HAS_ONLINE_ID) |
    (event.entry ? IS_ENTRY : 0) |
    (event.facts.bot ? IS_BOT : 0)
  writeBytes(bytes, ID_AT, ID_BYTES, event.id)
  writeUint48(bytes, 19, event.idAtMs)
  writeUint48(bytes, 25, event.receivedAtMs)
  writeUint48(bytes, 31, event.t)
  writeUint16(bytes, 37, event.day >>> 16)
  writeUint16(bytes, 39, event.day)
  writeBytes(bytes, VISITOR_AT, HASH_BYTES, event.visitor)
  writeBytes(bytes, ONLINE_AT, HASH_BYTES, event.onlineId)
  writeUint16(bytes, 57, event.visitTimeout)
  writeUint16(bytes, 59, event.facts.width)
  writeUint16(bytes, 61, event.facts.engagedSeconds)
}

/** The lowest 16 bits; the array keeps the lowest 8 of what it is given. */
function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  writeUint16(bytes, at, high)
  writeUint16(bytes, at + 2, value >>> 16)
  writeUint16(bytes, at + 4, value)
}

function readUint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let i = at; i < at + size; i++) value = value * 256 + bytes[i]!
  return value
}

/** Byte by byte: for so few, `set` and `slice` cost more than the loop. */
function writeBytes(bytes: Uint8Array, at: number, size: number, value: Uint8Array | null): void {
  for (let i = 0; i < size; i++) bytes[at + i] = value === null ? 0 : value[i]!
}

/** A copy, so that an event does not hold on to the batch that it was read from. */
function copy(bytes: Uint8Array, at: number, size: number): Uint8Array {
  const part = new Uint8Array(size)
  for (let i = 0; i < size; i++) part[i] = bytes[at + i]!
  return part
}

/** null where the flag says that there is none; undefined when there is something all the same. */
function readHash(bytes: Uint8Array, at: number, flag: number): Uint8Array | null | undefined {
  if ((bytes[2]! & flag) !== 0) return copy(bytes, at, HASH_BYTES)
  for (let i = at; i < at + HASH_BYTES; i++) if (bytes[i] !== 0) return undefined
  return null
}

/** The texts cut apart; null when they are not UTF-8 or their lengths are not those of the header. */
function readTexts(bytes: Uint8Array): string[] | null {
  const run = bytes.subarray(TEXT_AT)
  if (!isUtf8(run)) return null
  const text = Buffer.from(run.buffer, run.byteOffset, run.length).toString()
  const texts: string[] = []
  let at = 0
  for (let i = 0; i < TEXTS; i++) {
    const end = at + readUint(bytes, LENGTHS_AT + 2 * i, 2)
    texts.push(text.slice(at, end))
    at = end
  }
  return at === text.length ? texts : null
}
