import { isIP } from 'node:net'
import { SERVER_EVENT_ID, serverEventId } from '../event/event-id.js'
import type { ReportedType } from '../event/event.js'
import { LIMITS } from './beacon.js'
import { accepted, refused, wrongField, type Checked } from './checked.js'
import { readName, readSiteId, readText, readType, readUrl, type Reading } from './fields.js'
import { isJsonObject, ownFields, type Fields } from './json.js'
import { readProps } from './props.js'
import { parseRfc3339 } from './rfc3339.js'

/** Bytes of one line of NDJSON (contract section 3). */
export const MAX_LINE_BYTES = 8 * 1024
/** No line can hold a longer one; the JSON array gets the same bound. */
export const MAX_USER_AGENT = MAX_LINE_BYTES
export const MAX_VISITOR = 128
const FUTURE_MS = 60_000
const PAST_MS = 48 * 3_600_000

/** An event that a server reports, by the rules of contract section 3; '' where it said nothing. */
export interface ServerEvent {
  readonly siteId: string
  readonly type: Exclude<ReportedType, 'leave'>
  /** 16 bytes. */
  readonly id: Uint8Array
  /** When it happened, never ahead of the `nowMs` it was judged by; milliseconds are kept. */
  readonly atMs: number
  /** Absolute http(s) URL that `new URL` accepts; '' on heartbeat. */
  readonly url: string
  readonly referrer: string
  readonly title: string
  /** The reader's IP address as written. */
  readonly address: string
  /** Verbatim. */
  readonly userAgent: string
  /** Stands for address and User-Agent in the visitor hash; verbatim. The three '' mean: no visitor. */
  readonly visitor: string
  readonly language: string
  /** Of a custom event; '' otherwise. */
  readonly name: string
  /** Properties of a custom event as the text of a flat JSON object; '' when it has none. */
  readonly props: string
  readonly privacy: boolean
}

/**
 * One item or line of `POST /v1/events` by contract section 3. `siteId` is the site of the key, `nowMs` the receipt.
 * Judged in this order: `bad_field` with the first wrong field (of `body` for what is no object), `wrong_site`,
 * `at_in_future`, `too_old`. Exactly 60 s ahead and exactly 48 h back are still taken.
 */
export function validateServerEvent(item: unknown, siteId: string, nowMs: number): Checked<ServerEvent> {
  if (!isJsonObject(item)) return wrongField('body')
  const reading = readServerEvent(ownFields(item))
  const field = firstWrong(reading)
  if (field !== null) return wrongField(field)
  const event = reading as ServerEvent
  if (event.siteId !== siteId) return refused('wrong_site')
  if (event.atMs > nowMs + FUTURE_MS) return refused('at_in_future')
  if (event.atMs < nowMs - PAST_MS) return refused('too_old')
  return accepted(event.atMs > nowMs ? { ...event, atMs: nowMs } : event)
}

function readServerEvent(wire: Fields): Reading<ServerEvent> {
  const type = readType(wire.type)
  return {
    siteId: readSiteId(wire.site),
    type: type === 'leave' ? null : type,
    id: typeof wire.id === 'string' && SERVER_EVENT_ID.test(wire.id) ? serverEventId(wire.id) : null,
    atMs: typeof wire.at === 'string' ? parseRfc3339(wire.at) : null,
    url: readUrl(wire.url, type),
    referrer: readText(wire.referrer, LIMITS.referrer),
    title: readText(wire.title, LIMITS.title),
    address: readAddress(wire.ip),
    userAgent: readVerbatim(wire.userAgent, MAX_USER_AGENT),
    visitor: readVerbatim(wire.visitor, MAX_VISITOR),
    language: readText(wire.language, LIMITS.language),
    name: readName(wire.name, type),
    props: readProps(wire.props, type),
    privacy: readPrivacy(wire.privacy),
  }
}

/** The order of the list in contract section 3. */
function firstWrong(reading: Reading<ServerEvent>): string | null {
  if (reading.siteId === null) return 'site'
  if (reading.type === null) return 'type'
  if (reading.id === null) return 'id'
  if (reading.atMs === null) return 'at'
  if (reading.url === null) return 'url'
  if (reading.referrer === null) return 'referrer'
  if (reading.title === null) return 'title'
  if (reading.address === null) return 'ip'
  if (reading.userAgent === null) return 'userAgent'
  if (reading.visitor === null) return 'visitor'
  if (reading.language === null) return 'language'
  if (reading.name === null) return 'name'
  if (reading.props === null) return 'props'
  if (reading.privacy === null) return 'privacy'
  return null
}

/** A scoped address (`fe80::1%eth0`) names an interface of the sender's machine, so it is none of a reader. */
function readAddress(value: unknown): string | null {
  if (value === undefined) return ''
  return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%') ? value : null
}

/** Goes into a hash and is not stored, so it is neither cleaned nor cut: distinct texts stay distinct. */
function readVerbatim(value: unknown, limit: number): string | null {
  if (value === undefined) return ''
  return typeof value === 'string' && value.length <= limit ? value : null
}

function readPrivacy(value: unknown): boolean | null {
  if (value === undefined) return false
  return typeof value === 'boolean' ? value : null
}
