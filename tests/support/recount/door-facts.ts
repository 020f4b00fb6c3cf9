import type { Fact } from './facts.js'

/** A beacon as it is posted to `/c` (contract section 2), as far as the recount needs it. */
export interface SentBeacon {
  s: string
  e: Fact['type']
  i: string
  u?: string
  r?: string
  a?: number
  b?: number
  g?: number
}

/** A line as it is posted to `/v1/events` (contract section 3). */
export interface SentEvent {
  site: string
  type: 'view' | 'event' | 'heartbeat'
  id: string
  at: string
  url?: string
  referrer?: string
  ip?: string
  userAgent?: string
  visitor?: string
  privacy?: boolean
}

export interface Sender {
  address: string
  userAgent?: string
  /** The request said `Sec-GPC: 1` or `DNT: 1`. */
  privacyHeader?: boolean
  crawler?: boolean
}

/** The fact of a beacon that was answered 204 and not dropped. `receiptMs` is the server's clock at the request. */
export function beaconFact(beacon: SentBeacon, sender: Sender, receiptMs: number): Fact {
  const ageMs = beacon.a ?? 0
  return {
    door: 'beacon',
    site: beacon.s,
    type: beacon.e,
    id: beacon.i,
    t: Math.floor((receiptMs - ageMs) / 1000),
    ageSeconds: ageMs / 1000,
    address: sender.address,
    userAgent: sender.userAgent ?? '',
    privacy: beacon.g === 1 || sender.privacyHeader === true,
    bot: sender.crawler === true || ((beacon.b ?? 0) & 1) === 1,
    ...(beacon.u !== undefined && { url: beacon.u }),
    ...(beacon.r !== undefined && { referrer: beacon.r }),
  }
}

/** The fact of an accepted server event. `at` up to 60 s ahead of receipt became the receipt. */
export function serverFact(event: SentEvent, receiptMs: number, crawler = false): Fact {
  const atMs = Math.min(Date.parse(event.at), receiptMs)
  return {
    door: 'server',
    site: event.site,
    type: event.type,
    id: event.id,
    t: Math.floor(atMs / 1000),
    ageSeconds: (receiptMs - atMs) / 1000,
    privacy: event.privacy === true,
    bot: crawler,
    ...(event.ip !== undefined && { address: event.ip }),
    ...(event.userAgent !== undefined && { userAgent: event.userAgent }),
    ...(event.visitor !== undefined && { visitorName: event.visitor }),
    ...(event.url !== undefined && { url: event.url }),
    ...(event.referrer !== undefined && { referrer: event.referrer }),
  }
}
