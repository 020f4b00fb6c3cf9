import { randomBytes } from 'node:crypto'
import type { Answer, OffsetDoor, Admin } from '../support/harness/index.js'
import { beacon, browser, calmTimeZone, createKey, createSite, ship, widget } from '../support/harness/index.js'

/** The old counter of a newspaper (contract section 4). */
export const OLD_COUNTER = [
  { field: 'total', shown: 2_390_401, reason: 'bộ đếm cũ' },
  { field: 'year', shown: 229_536, reason: 'bộ đếm cũ' },
  { field: 'month', shown: 37_086, reason: 'bộ đếm cũ' },
  { field: 'week', shown: 7_666, reason: 'bộ đếm cũ' },
]
export const IMPORTED = { today: 0, week: 7_666, month: 37_086, year: 229_536, total: 2_390_401 }
/** With one visit after it. */
export const AND_ONE = { today: 1, week: 7_667, month: 37_087, year: 229_537, total: 2_390_402 }

const own = randomBytes(4).toString('hex')
let made = 0

/** A new site with an owner's key. */
export async function newDoor(product: Admin): Promise<OffsetDoor> {
  made += 1
  const siteId = `offsets-${own}-${made}`
  await createSite(product, { id: siteId, timeZone: calmTimeZone() })
  return { url: product.url, siteId, key: (await createKey(product, siteId, 'owner')).key }
}

/** `reader` reads `path` for the first time. */
export async function visit({ url, siteId }: OffsetDoor, reader = 0, path = '/'): Promise<void> {
  const one = beacon({ s: siteId, u: `https://example.vn${path}` })
  const { status } = await ship(url, { beacons: [one], userAgent: browser(reader) })
  if (status !== 204) throw new Error(`visit: ${status}`)
}

/** `201`, or `400 bad_field [1].shown`. */
export function verdict(answer: Answer): string {
  const { code, field } = answer.status < 300 ? {} : (answer.json() as { code?: string; field?: string })
  return [answer.status, code, field].filter((part) => part !== undefined).join(' ')
}

export async function numbers({ url, siteId }: OffsetDoor): Promise<typeof IMPORTED> {
  const { today, week, month, year, total } = await widget(url, siteId)
  return { today, week, month, year, total }
}
