import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact } from '../support/recount/index.js'
import { beaconFact } from '../support/recount/index.js'
import type { Beacon, Outcome, Shipment, Product } from '../support/harness/index.js'
import {
  agreesWithRecount,
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createRecountedSite,
  dice,
  endEverything,
  factsOf,
  getPixel,
  insideSecond,
  onlineShown,
  postBeacon,
  postEvents,
  request,
  resultOf,
  seedOfRun,
  ship,
  startProduct,
  verdictOf,
  viewsOf,
  widget,
  widgetShows,
} from '../support/harness/index.js'

let product: Product
let sites = 0

/** A site of its own for each test, in a zone whose midnight is far. */
async function newSite(settings: Omit<Parameters<typeof createRecountedSite>[1], 'id'> = {}) {
  sites += 1
  return createRecountedSite(product, { id: `site-${sites}`, timeZone: calmTimeZone(), unit: 'pageviews', ...settings })
}

const send = async (body: unknown, headers = {}) => verdictOf(await postBeacon(product.url, body, headers))

beforeAll(async () => {
  product = await startProduct({ env: { TRUST_PROXY: '127.0.0.1', RATE_PER_SECOND: '0' } })
})

afterAll(endEverything)

describe('an array', () => {
  it('keeps every item', async () => {
    const { id: s } = await newSite()
    expect(await send([beacon({ s }), beacon({ s }), beacon({ s, e: 'heartbeat' })])).toBe('204')
    await widgetShows(product.url, s, { total: 2 })
  })

  it('names what was dropped, sorted and once, adds "invalid", and keeps the rest', async () => {
    const { id: s } = await newSite()
    const { id: counting } = await newSite({ bots: 'count', excludedAddresses: ['203.0.113.7'] })
    const items = [
      beacon({ s, w: 0 }),
      beacon({ s: counting }),
      beacon({ s, b: 1 }),
      beacon({ s }),
      beacon({ s, b: 1 }),
    ]
    expect(await send(items, { 'X-Forwarded-For': '203.0.113.7' })).toBe('204 bot,excluded,invalid')
    await widgetShows(product.url, s, { total: 1 })
    expect(await widget(product.url, counting)).toMatchObject({ total: 0 })
  })

  it('is 204 when one was dropped and the others refused', async () => {
    const { id: s } = await newSite()
    expect(await send([beacon({ s: 'nowhere' }), beacon({ s, b: 1 })])).toBe('204 bot,invalid')
  })

  it('is answered with the error of the first when all were refused', async () => {
    const { id: s } = await newSite({ hosts: ['example.org'] })
    const [wrong, unknown, elsewhere] = [beacon({ s, w: 0 }), beacon({ s: 'nowhere' }), beacon({ s })]
    expect(await send([wrong, unknown, elsewhere])).toBe('400 bad_field w')
    expect(await send([unknown, elsewhere, wrong])).toBe('404 site_not_found')
    expect(await send([elsewhere, wrong, 5])).toBe('403 host_not_allowed')
    expect(await send([5, wrong])).toBe('400 bad_field body')
  })

  it('counts an id once that stands in it twice', async () => {
    const { id: s } = await newSite()
    const one = beacon({ s })
    expect(await send([one, one, { ...one, i: one.i.replaceAll('-', '') }, beacon({ s })])).toBe('204')
    await widgetShows(product.url, s, { total: 2 })
  })
})

describe('a pixel', () => {
  it('is a GIF of 43 bytes that any page may read and nobody keeps', async () => {
    const { id: s } = await newSite()
    const answer = await getPixel(product.url, { s, u: 'https://example.vn/a' })
    expect([answer.status, answer.body.length, answer.body.toString('latin1', 0, 6)]).toEqual([200, 43, 'GIF89a'])
    expect(answer.headers).toMatchObject({
      'content-type': 'image/gif',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Truycap-Dropped, Retry-After',
    })
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it('counts the page of u, else of the Referer, each with an id of its own', async () => {
    const { id: s } = await newSite()
    const referer = { Referer: 'https://example.vn/from-referer' }
    for (const query of [
      { s, u: 'https://example.vn/a', e: 'leave', a: '9', w: 'x' },
      { s, u: 'https://example.vn/a' },
    ])
      expect(verdictOf(await getPixel(product.url, query, referer))).toBe('200')
    expect(verdictOf(await getPixel(product.url, { s }, referer))).toBe('200')
    await widgetShows(product.url, s, { total: 3 })
    expect(await viewsOf(product.url, s, ['/a', '/from-referer'])).toEqual(
      new Map([
        ['/a', 1],
        ['/from-referer', 1],
      ]),
    )
  })

  it('is asked for with GET alone', async () => {
    const answer = await request({ url: `${product.url}/c.gif?s=demo`, method: 'POST', body: '' })
    expect([verdictOf(answer), answer.headers.allow]).toEqual([
      '405 method_not_allowed',
      expect.stringContaining('GET'),
    ])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  it.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
    ['neither u nor Referer', { s: 'demo' }, {}, /^400 /],
    ['no site', { u: 'https://example.vn/' }, {}, /^400 bad_field s$/],
    ['a bad id', { s: 'demo', u: 'https://example.vn/', i: 'x' }, {}, /^400 bad_field i$/],
    ['an unknown site', { s: 'nowhere', u: 'https://example.vn/' }, {}, /^404 site_not_found$/],
    ['a prefetch', { s: 'demo', u: 'https://example.vn/' }, { Purpose: 'prefetch' }, /^200 prefetch$/],
  ])('judges %s like a beacon', async (_what, query, headers, verdict) => {
    expect(verdictOf(await getPixel(product.url, query, headers))).toMatch(verdict)
  })
})

describe('a repeat', () => {
  it('counts once, in any spelling of its id and through any door', async () => {
    const { id: s } = await newSite()
    const { key } = await createKey(product, s)
    const one = beacon({ s })
    const bare = one.i.replaceAll('-', '')
    const at = new Date().toISOString()
    await send(one)
    for (const i of [one.i, one.i.toUpperCase(), bare, bare.toUpperCase()]) {
      expect(await send({ ...one, i })).toBe('204')
      expect(verdictOf(await getPixel(product.url, { s, u: 'https://example.vn/other', i }))).toBe('200')
      const event = { site: s, type: 'view', id: i, at, url: 'https://example.vn/third', userAgent: browser(3) }
      expect((await postEvents(product.url, key, [event])).json()).toMatchObject({ accepted: 1 })
    }
    await send(beacon({ s }))
    await widgetShows(product.url, s, { total: 2, online: 1 })
    expect(await viewsOf(product.url, s, ['/', '/other', '/third'])).toEqual(
      new Map([
        ['/', 1],
        ['/other', 0],
        ['/third', 0],
      ]),
    )
  })

  it('of a view counts nothing as an event, and the same id is another one on another site', async () => {
    const [{ id: s }, { id: other }] = [await newSite(), await newSite()]
    const one = beacon({ s })
    expect(await send([one, { ...one, e: 'event', m: 'buy' }, { ...one, s: other }])).toBe('204')
    await widgetShows(product.url, other, { total: 1 })
    await widgetShows(product.url, s, { total: 1 })
  })
})

describe('what counts', () => {
  it('is online by views, events and heartbeats of the last minutes, not by leaves, old beacons and private ones', async () => {
    const site = await newSite({ onlineWindowSeconds: 60 })
    const { id: s } = site
    const facts: Fact[] = []
    const from = async (n: number, one: Partial<Beacon>) => {
      const sent = beacon({ s, m: 'buy', d: 5, ...one })
      const answer = await postBeacon(product.url, sent, { 'User-Agent': browser(n) })
      expect(verdictOf(answer)).toBe('204')
      facts.push(beaconFact(sent, { address: '127.0.0.1', userAgent: browser(n) }, answer.answeredAtMs))
    }
    await from(1, { e: 'view' })
    await from(1, { e: 'heartbeat' })
    await from(2, { e: 'event' })
    await from(3, { e: 'heartbeat' })
    await from(4, { e: 'leave' })
    await from(5, { e: 'view', a: 62_000 })
    await from(6, { e: 'view', a: 30_000 })
    await from(7, { e: 'view', g: 1 })
    await widgetShows(product.url, s, { online: 4, total: 4 })
    const { shown, allowed } = await onlineShown(product.url, site, facts)
    expect(allowed).toContain(shown)
  })

  it('takes a heartbeat or leave for no visit', async () => {
    const { id: s } = await newSite({ unit: 'visits' })
    await send([beacon({ s, e: 'heartbeat' }), beacon({ s, e: 'leave', d: 9 })])
    await send(beacon({ s }), { 'User-Agent': browser(1) })
    await widgetShows(product.url, s, { total: 1 })
  })

  it('removes control characters from the page too', async () => {
    const { id: s } = await newSite()
    expect(await send(beacon({ s, u: 'https://example.vn/a\u0000b\u0007' }))).toBe('204')
    await widgetShows(product.url, s, { total: 1 })
    expect(await viewsOf(product.url, s, ['/ab'])).toEqual(new Map([['/ab', 1]]))
  })
})

const ADDRESSES = [
  '203.0.113.1',
  '203.0.113.2',
  '::ffff:203.0.113.1',
  '2001:db8:0:1::1',
  '2001:db8:0:1:ffff::9',
  '2001:db8:0:2::1',
]
const PAGES = [
  '/',
  '/index.html',
  '/tin/',
  '/tin',
  '/tin/1?id=7',
  '/tin/1?id=8&utm_source=x',
  '/a%20b',
  '/%C4%91i%E1%BB%83m',
]
const REFERRERS = ['', 'https://www.example.vn/', 'https://news.example.com/', 'https://m.example.vn/x', 'not a url']

describe('a crowd of browsers', () => {
  const seed = seedOfRun()
  const { below, oneOf } = dice(seed)

  const oneBeacon = (s: string): Beacon =>
    beacon({
      s,
      e: oneOf(['view', 'view', 'view', 'event', 'heartbeat', 'leave']),
      u: `https://example.vn${oneOf(PAGES)}`,
      r: oneOf(REFERRERS),
      m: 'buy',
      d: 5,
      a: oneOf([0, 0, 1000 * below(7200), 1000 * below(80_000)]),
      g: below(5) === 0 ? 1 : 0,
    })

  const oneShipment = (s: string, sent: Beacon[]): Shipment => {
    const fresh = Array.from({ length: oneOf([1, 1, 1, 4]) }, () => oneBeacon(s))
    const again = sent.length > 0 && below(5) === 0 ? [oneOf(sent)] : []
    sent.push(...fresh)
    return {
      beacons: [...fresh, ...again],
      userAgent: browser(below(3)),
      forwardedFor: oneOf(ADDRESSES),
      ...(below(8) === 0 && { headers: { [oneOf(['Sec-GPC', 'DNT'])]: '1' } }),
    }
  }

  it.each(['visits', 'pageviews', 'visitors'] as const)(
    `agrees with the recount in %s (SEED=${seed})`,
    async (unit) => {
      const site = await newSite({
        unit,
        hosts: ['example.vn', '*.example.vn'],
        pageQueryKeys: ['id'],
        visitTimeoutSeconds: 600,
      })
      const sent: Beacon[] = []
      const outcomes: Outcome[] = []
      for (let n = 0; n < 100; n += 1) {
        const shipment = oneShipment(site.id, sent)
        await insideSecond()
        const attempt = await ship(product.url, shipment)
        outcomes.push({ shipment, result: resultOf(attempt), attempts: [attempt] })
      }
      expect(new Set(outcomes.map(({ result }) => result))).toEqual(new Set(['acked']))
      await agreesWithRecount(product.url, site, factsOf(outcomes, 'answered'))
    },
  )
})
