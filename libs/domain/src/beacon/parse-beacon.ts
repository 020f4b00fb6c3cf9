import { parseUuid7 } from '../event/event-id.js'
import { LIMITS, MAX_ARRAY_BYTES, MAX_BEACONS, MAX_OBJECT_BYTES, type Beacon } from './beacon.js'
import { accepted, refused, wrongField, type Checked, type Refused } from './checked.js'
import { readInteger, readName, readSiteId, readText, readType, readUrl, type Reading } from './fields.js'
import { isJsonObject, ownFields, parseJson, type Fields } from './json.js'
import { readProps } from './props.js'

/** The items of one request, not judged yet. */
export interface BeaconBody {
  readonly items: readonly unknown[]
  /** An array is answered item by item, a single object by its own status (contract section 2). */
  readonly array: boolean
}

/**
 * Whether a body breaks the sizes of contract section 2, to be asked before it is parsed (413 comes before 400):
 * 64 KiB for what begins as an array, 8 KiB for all else.
 */
export function bodyTooLarge(bytes: Uint8Array): boolean {
  if (bytes.length <= MAX_OBJECT_BYTES) return false
  return bytes.length > MAX_ARRAY_BYTES || firstByte(bytes) !== 0x5b
}

/**
 * The body of `POST /c` (contract section 2): `bad_json`; `bad_field` of `body` for JSON that is no object, or an
 * empty array; `too_many_beacons` over 20 items. The items are judged one by one with `validateBeacon`.
 */
export function parseBody(bytes: Uint8Array): Checked<BeaconBody> {
  const json = parseJson(bytes)
  if (!json.ok) return json
  if (!Array.isArray(json.value)) {
    return isJsonObject(json.value) ? accepted({ items: [json.value], array: false }) : wrongField('body')
  }
  const items: readonly unknown[] = json.value
  if (items.length === 0) return wrongField('body')
  return items.length > MAX_BEACONS ? refused('too_many_beacons') : accepted({ items, array: true })
}

/**
 * One item of `POST /c` by the table of contract section 2: `unsupported_version`, or `bad_field` with the first
 * wrong key in the order of the table. Unknown and inherited keys do nothing; null is a wrong type.
 */
export function validateBeacon(item: unknown): Checked<Beacon> {
  if (!isJsonObject(item)) return wrongField('body')
  const wire = ownFields(item)
  if (wire.v !== 1) return wrongVersion(wire.v)
  const reading = readBeacon(wire)
  const field = firstWrong(reading)
  return field === null ? accepted(reading as Beacon) : wrongField(field)
}

function wrongVersion(version: unknown): Refused {
  return Number.isInteger(version) ? refused('unsupported_version') : wrongField('v')
}

function readBeacon(wire: Fields): Reading<Beacon> {
  const type = readType(wire.e)
  return {
    siteId: readSiteId(wire.s),
    type,
    id: typeof wire.i === 'string' ? parseUuid7(wire.i) : null,
    url: readUrl(wire.u, type),
    referrer: readText(wire.r, LIMITS.referrer),
    title: readText(wire.n, LIMITS.title),
    width: readInteger(wire.w, 1, LIMITS.width, 0),
    language: readText(wire.l, LIMITS.language),
    zone: readText(wire.z, LIMITS.zone),
    ageMs: readInteger(wire.a, 0, LIMITS.ageMs, 0),
    engagedSeconds: readEngagedSeconds(wire.d, type === 'leave'),
    name: readName(wire.m, type),
    props: readProps(wire.o, type),
    hints: readInteger(wire.b, 0, LIMITS.hints, 0),
    privacy: readPrivacy(wire.g),
  }
}

/** The order of the table. One line a key, as a loop over the names would cost as much as all the reading. */
function firstWrong(reading: Reading<Beacon>): string | null {
  if (reading.siteId === null) return 's'
  if (reading.type === null) return 'e'
  if (reading.id === null) return 'i'
  if (reading.url === null) return 'u'
  if (reading.referrer === null) return 'r'
  if (reading.title === null) return 'n'
  if (reading.width === null) return 'w'
  if (reading.language === null) return 'l'
  if (reading.zone === null) return 'z'
  if (reading.ageMs === null) return 'a'
  if (reading.engagedSeconds === null) return 'd'
  if (reading.name === null) return 'm'
  if (reading.props === null) return 'o'
  if (reading.hints === null) return 'b'
  if (reading.privacy === null) return 'g'
  return null
}

/** Required on leaves. On the others it means nothing: it must be right and is not kept. */
function readEngagedSeconds(value: unknown, leave: boolean): number | null {
  const seconds = readInteger(value, 1, LIMITS.engagedSeconds, leave ? null : 0)
  return leave || seconds === null ? seconds : 0
}

function readPrivacy(value: unknown): boolean | null {
  const flag = readInteger(value, 0, 1, 0)
  return flag === null ? null : flag === 1
}

/** The first byte of the JSON text itself, behind a byte order mark and white space; undefined when there is none. */
function firstByte(bytes: Uint8Array): number | undefined {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  let at = marked ? 3 : 0
  while (isJsonSpace(bytes[at])) at++
  return bytes[at]
}

function isJsonSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
