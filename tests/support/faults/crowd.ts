import type { Beacon, Dice, NewSite, Shipment } from '../harness/index.js'
import { browser, calmTimeZone, uuid7 } from '../harness/index.js'
import type { RecountSite } from '../recount/index.js'
import { recountSite } from '../recount/index.js'
import { between, chance } from './random.js'

/**
 * How old a beacon is at receipt, minutes. Gaps between these are 25 min at most (one run), or 45 min at least (two
 * runs, joined when one of between arrives late), so a receipt that is minutes off changes nothing. The last one lies in
 * the local day before, as `calmTimeZone` keeps three hours away from midnight.
 */
const AGES = [0, 0, 0, 0, 0, 0, 15, 60, 110, 132.5, 155, 22 * 60]
const CALM_MINUTES = 170
const MINUTE_MS = 60_000

const COMMON = { hosts: ['example.vn', '*.example.vn'], onlineWindowSeconds: 1800 }

/** The three that get the same traffic and show it in each unit, and one of its own rules. */
export const MIRRORS = ['in-visits', 'in-pageviews', 'in-visitors'] as const
export const SOLO = 'solo'

/** A crowd of browsers on four sites, and the beacons that they send. */
export interface Crowd {
  readonly sites: readonly RecountSite[]
  readonly newSites: readonly NewSite[]
  /** The next request of somebody. */
  nextShipment(): Shipment
}

function sitesIn(timeZone: string): RecountSite[] {
  return [
    recountSite({ ...COMMON, timeZone, id: 'in-visits', unit: 'visits' }),
    recountSite({ ...COMMON, timeZone, id: 'in-pageviews', unit: 'pageviews' }),
    recountSite({ ...COMMON, timeZone, id: 'in-visitors', unit: 'visitors', weekStart: 'sunday' }),
    // Its visits end after 10 minutes: 15 minutes apart is another one.
    recountSite({
      ...COMMON,
      timeZone,
      id: SOLO,
      visitTimeoutSeconds: 600,
      pageQueryKeys: ['id'],
      bots: 'count',
    }),
  ]
}

const PAGES = [
  'https://example.vn/',
  'https://www.example.vn/index.html?utm=1',
  'https://example.vn/tin%20t%E1%BB%A9c/b%C3%A0i-1/#top',
  'https://tin.example.vn/tin tức/bài-1',
  'https://example.vn/trang?id=7&x=1',
  'https://example.vn/trang?x=2&id=8',
  ...Array.from({ length: 24 }, (_, n) => `https://example.vn/bai/${n}`),
]
const REFERRERS = ['', 'https://example.vn/', 'https://tin.example.vn/x', 'https://search.example/?q=1', 'no url']

function beaconFor(dice: Dice, siteId: string): Beacon {
  const age = dice.oneOf(AGES) * MINUTE_MS
  const kind = dice.below(100)
  const common = {
    v: 1,
    s: siteId,
    i: uuid7(Date.now() - age),
    ...(age > 0 && { a: age + dice.below(1000) }),
  } as const
  if (kind < 16) return { ...common, e: 'heartbeat' }
  if (kind < 24) return { ...common, e: 'leave', d: between(dice, 1, 600) }
  const page = { u: dice.oneOf(PAGES), r: dice.oneOf(REFERRERS), n: `Bài ${kind}`, w: 1280, l: 'vi-VN' }
  if (kind < 36) return { ...common, ...page, e: 'event', m: 'tai-xuong', o: { kind, ok: true } }
  return { ...common, ...page, e: 'view', ...(chance(dice, 8) && { g: 1 as const }) }
}

function arrayFor(dice: Dice): Beacon[] {
  const kind = dice.below(100)
  if (kind < 45) {
    const seen = Array.from({ length: between(dice, 1, 6) }, () => beaconFor(dice, MIRRORS[0]))
    // One id counts once per site, so each of the three counts it.
    return seen.flatMap((beacon) => MIRRORS.map((siteId) => ({ ...beacon, s: siteId })))
  }
  // Alone, since an array does not say which of its items were dropped.
  if (kind < 50) return [{ ...beaconFor(dice, MIRRORS[0]), b: 1 }]
  if (kind < 55) return [{ ...beaconFor(dice, SOLO), b: 1 }]
  if (kind < 70) return Array.from({ length: between(dice, 2, 20) }, () => beaconFor(dice, SOLO))
  return [beaconFor(dice, SOLO)]
}

function addressOf(n: number): string {
  return n % 5 === 0 ? `2001:db8:0:${n.toString(16)}::${n % 3}` : `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
}

/** Somebody new comes with every 20th request, so visitors, visits and views go on rising. */
export function crowdOf(dice: Dice): Crowd {
  const sites = sitesIn(calmTimeZone(Date.now(), CALM_MINUTES))
  let shipments = 0
  return {
    sites,
    newSites: sites.map((site) => ({ ...site, hosts: [...site.hosts], pageQueryKeys: [...site.pageQueryKeys] })),
    nextShipment: () => {
      const n = dice.below(40 + Math.floor(shipments++ / 20))
      const privacy: Record<string, string> = chance(dice, 3) ? { 'Sec-GPC': '1' } : {}
      return { beacons: arrayFor(dice), userAgent: browser(n % 97), forwardedFor: addressOf(n), headers: privacy }
    },
  }
}
