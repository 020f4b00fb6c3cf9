/** What a sender can report. Heartbeats only move the online number; leaves only carry engaged time. */
export type ReportedType = 'view' | 'event' | 'heartbeat' | 'leave'

/**
 * What happened. `erase` is no beacon's: the owner deleted the site, and everything of it before this place in the log is
 * to be forgotten (contract section 5). Only `eraseEvent` makes one.
 */
export type EventType = ReportedType | 'erase'

/** The place in this list is on disk (event.codec.ts): append only. */
export const EVENT_TYPES: readonly EventType[] = ['view', 'event', 'heartbeat', 'leave', 'erase']

/** What the address, the User-Agent and the page told at intake, kept for statistics; '' where nothing is known. */
export interface EventFacts {
  /** Host of the page, lower case, no port. */
  readonly host: string
  readonly title: string
  /** Host of the referrer; '' when there is none or it does not parse. */
  readonly referrerHost: string
  /** BCP 47 as the browser said it. */
  readonly language: string
  /** IANA zone as the browser said it. */
  readonly zone: string
  /** Viewport width in CSS pixels; 0 unknown. */
  readonly width: number
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly browser: string
  readonly system: string
  readonly device: string
  /** A known crawler on a site that counts them. */
  readonly bot: boolean
  /** Name of a custom event. */
  readonly name: string
  /** Properties of a custom event as a JSON object text; '' when none. */
  readonly props: string
  /** Engaged time of a leave, seconds; 0 otherwise. */
  readonly engagedSeconds: number
}

/** Of an event that is not for statistics. */
export const NO_EVENT_FACTS: EventFacts = {
  host: '',
  title: '',
  referrerHost: '',
  language: '',
  zone: '',
  width: 0,
  country: '',
  browser: '',
  system: '',
  device: '',
  bot: false,
  name: '',
  props: '',
  engagedSeconds: 0,
}

/**
 * The typed fact made from one beacon and kept in the log. Everything that depends on the clock, the site's
 * settings, the address or the User-Agent is stamped here once, at intake (contract section 1), so all that
 * follows is a pure function of the log.
 */
export interface Event {
  readonly type: EventType
  readonly site: string
  /** 16 bytes, unique within the site (contract section 1, Counted event). */
  readonly id: Uint8Array
  /** Instant that orders storage, ms: of the UUIDv7 clamped to 2020-2099, or `at` of a server event. */
  readonly idAtMs: number
  readonly receivedAtMs: number
  /** `t` of the contract: whole seconds since the epoch. */
  readonly t: number
  /** Local day of `t` in the site's zone: days since 1970-01-01 of that civil date. */
  readonly day: number
  /** 8 bytes, or null where the contract says the event has no visitor. */
  readonly visitor: Uint8Array | null
  /** 8 bytes, or null: no visitor, or over 1 h old at receipt. */
  readonly onlineId: Uint8Array | null
  /** Seconds; the visit timeout of the site when the event was taken. */
  readonly visitTimeout: number
  /** A view without visitor that came from elsewhere and so adds one visit by itself. */
  readonly entry: boolean
  /** Normalised path (contract section 1, Path); '' on heartbeat and leave. */
  readonly path: string
  readonly facts: EventFacts
}
