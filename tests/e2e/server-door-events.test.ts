import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../support/recount/index.js'
import { serverFact } from '../support/recount/index.js'
import type { Product } from '../support/harness/index.js'
import {
  agreesWithRecount,
  browser,
  dice,
  endEverything,
  seedOfRun,
  startProduct,
  uuid7,
  widget,
  widgetShows,
} from '../support/harness/index.js'
import { FATES, GOOGLEBOT } from './server-events.data.js'
import type { Door } from './server-events.js'
import { acceptedAll, ago, lines, newDoor, receiptOf, view } from './server-events.js'

let product: Product

beforeAll(async () => {
  product = await startProduct()
})

afterAll(endEverything)

/** What became of one event: `accepted`, `dropped bot`, or the code. */
async function fate(door: Door, event: unknown): Promise<string> {
  const { accepted, dropped, rejected } = await receiptOf(product, door.key, lines([event]))
  if (accepted === 1) return 'accepted'
  return Object.keys(dropped).map((reason) => `dropped ${reason}`)[0] ?? rejected[0]?.code ?? 'nothing'
}

describe('an event', () => {
  let door: Door
  beforeAll(async () => {
    door = await newDoor(product, { hosts: ['example.vn'], excludedAddresses: ['203.0.113.7'] })
  })

  it.each(FATES)('with %s: %3$s', async (_what, overrides, expected) => {
    expect(await fate(door, view(door.site.id, overrides))).toBe(expected)
  })

  const zoned = (seconds: number, minutesEast: number) => {
    const local = new Date(Date.now() - seconds * 1000 + minutesEast * 60_000).toISOString().slice(0, -1)
    const clock = new Date(Math.abs(minutesEast) * 60_000).toISOString().slice(11, 16)
    return `${local}${minutesEast < 0 ? '-' : '+'}${clock}`
  }
  it.each<[string, () => string, string]>([
    ['now', () => ago(0), 'accepted'],
    ['in another zone', () => zoned(60, 345), 'accepted'],
    ['west of Greenwich', () => zoned(60, -570), 'accepted'],
    [
      'in small letters and without fractions',
      () =>
        ago(60)
          .replace(/\.\d+Z/, 'z')
          .replace('T', 't'),
      'accepted',
    ],
    ['with nanoseconds', () => ago(60).replace('Z', '123456Z'), 'accepted'],
    ['58 s ahead', () => ago(-58), 'accepted'],
    ['63 s ahead', () => ago(-63), 'at_in_future'],
    ['a day ahead', () => ago(-86_400), 'at_in_future'],
    ['47 h 59 min 55 s old', () => ago(172_795), 'accepted'],
    ['48 h and 2 s old', () => ago(172_802), 'too_old'],
    ['48 h and 2 s old by another zone', () => zoned(172_802, 840), 'too_old'],
    ['years old', () => '1999-12-31T23:59:59Z', 'too_old'],
  ])('of %s: %3$s', async (_what, at, expected) => {
    expect(await fate(door, view(door.site.id, { at: at() }))).toBe(expected)
  })
})

describe('who is a visitor', () => {
  const seed = seedOfRun()
  it(`is what the recount says, whatever names, addresses and User-Agents they carry (SEED=${seed})`, async () => {
    const { below, oneOf } = dice(seed)
    for (const unit of ['visits', 'visitors'] as const) {
      const { site, key } = await newDoor(product, { unit, hosts: ['example.vn'] })
      const events = Array.from({ length: 400 }, () =>
        view(site.id, {
          at: ago(below(100_000)),
          type: oneOf(['view', 'view', 'event']),
          name: 'buy',
          url: `https://example.vn/${below(3)}`,
          referrer: oneOf([undefined, 'https://www.example.vn/0', 'https://news.example.com/']),
          ip: oneOf([
            undefined,
            '203.0.113.1',
            '::ffff:203.0.113.1',
            '2001:db8:0:1::1',
            '2001:db8:0:1::2',
            '2001:db8::',
          ]),
          userAgent: oneOf([undefined, browser(1), browser(2)]),
          visitor: oneOf([undefined, undefined, 'lan', 'Lan']),
          privacy: oneOf([undefined, false, true]),
        }),
      )
      expect(await receiptOf(product, key, lines(events))).toMatchObject(acceptedAll(400))
      const facts = events.map((event): Fact => serverFact(event, Date.now()))
      await agreesWithRecount(product.url, site, facts)
    }
  })

  it('is not asked of the request itself, which is a server’s', async () => {
    const { site, key } = await newDoor(product, { unit: 'visitors' })
    const headers = { 'Sec-GPC': '1', DNT: '1', 'Sec-Purpose': 'prefetch', 'User-Agent': GOOGLEBOT }
    const events = [1, 2, 3].map((n) => view(site.id, { userAgent: browser(n) }))
    expect(await receiptOf(product, key, lines(events), headers)).toMatchObject(acceptedAll(3))
    await widgetShows(product.url, site.id, { total: 3, online: 3 })
  })

  it('is online when the event is an hour old at most and in the window', async () => {
    const { site, key } = await newDoor(product, { onlineWindowSeconds: 1800 })
    const events = [5, 1700, 1900, 4000].map((seconds, n) => view(site.id, { at: ago(seconds), userAgent: browser(n) }))
    const heartbeat = view(site.id, { type: 'heartbeat', at: ago(5), userAgent: browser(9) })
    const ahead = view(site.id, { at: ago(-50), userAgent: browser(10) })
    await receiptOf(product, key, lines([...events, heartbeat, ahead]))
    await widgetShows(product.url, site.id, { online: 4, total: 5 })
  })
})

describe('a repeat', () => {
  it('is accepted and changes nothing, not even online', async () => {
    const { site, key } = await newDoor(product)
    const events = ['a', 'A', 'order:7', uuid7()].map((id) => view(site.id, { id }))
    expect(await receiptOf(product, key, lines(events))).toMatchObject({ accepted: 4 })
    await widgetShows(product.url, site.id, { total: 4, online: 1 })
    const again = events.map((event) => ({ ...event, userAgent: browser(5), url: 'https://example.vn/other' }))
    const fresh = view(site.id)
    expect(await receiptOf(product, key, lines([...again, ...events, fresh, fresh]))).toMatchObject(acceptedAll(10))
    await widgetShows(product.url, site.id, { total: 5 })
    expect(await widget(product.url, site.id)).toMatchObject({ online: 1, today: 5 })
  })
})
