import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fact, SentEvent } from '../support/recount/index.js'
import { serverFact } from '../support/recount/index.js'
import type { Answer, Product } from '../support/harness/index.js'
import {
  agreesWithRecount,
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createRecountedSite,
  createSite,
  dice,
  endEverything,
  onlineShown,
  pause,
  postBeacon,
  postEvents,
  request,
  seedOfRun,
  startProduct,
  until,
  uuid7,
  verdictOf,
  viewsOf,
  widget,
  widgetShows,
} from '../support/harness/index.js'
import { SITES, walks } from './walks.js'

let product: Product

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
  request({ url: `${product.url}${path}`, headers, method })

const query = (paths: readonly string[]) => paths.map((p) => `p=${encodeURIComponent(p)}`).join('&')

const visit = (s: string, n: number, overrides = {}) =>
  postBeacon(product.url, beacon({ s, ...overrides }), { 'User-Agent': browser(n) })

beforeAll(async () => {
  product = await startProduct()
  await createSite(product, { id: 'plain', timeZone: 'Asia/Kathmandu' })
  await visit('plain', 1, { u: 'https://example.vn/a' })
  await visit('plain', 2, { u: 'https://example.vn/a' })
  await widgetShows(product.url, 'plain', { total: 2, online: 2 })
})

afterAll(endEverything)

describe('the numbers', () => {
  it('are one flat object of these keys in this order, counts as whole numbers', async () => {
    const answer = await get('/w/plain.json')
    expect(answer.status).toBe(200)
    expect(answer.text.replace(/"asOf":"[^"]*"/, '"asOf":"…"')).toMatch(
      /^\{"v":1,"site":"plain","tz":"Asia\/Kathmandu","unit":"visits","asOf":"…","ttl":15,"online":2,"onlineWindow":300,"today":\d+,"yesterday":\d+,"week":\d+,"month":\d+,"year":\d+,"total":2\}$/,
    )
  })

  it('say in the time of the site how late it is', async () => {
    const { asOf } = await widget(product.url, 'plain')
    expect(asOf).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:45$/)
    expect(Math.abs(Date.parse(asOf) - Date.now())).toBeLessThan(10_000)
  })

  it('carry the views of one path, at the end', async () => {
    for (const p of ['/a', '/a/', 'https://elsewhere.example/a#x']) {
      const answer = await get(`/w/plain.json?${query([p])}`)
      expect(answer.text).toMatch(/,"total":2,"views":2\}$/)
    }
    expect((await get('/w/plain.json?p=/nowhere')).text).toMatch(/,"views":0\}$/)
  })

  it('may be kept for 15 seconds, by anybody, and read by any page', async () => {
    for (const path of ['/w/plain.json', '/w/plain.json?p=/a', '/w/plain/views?p=/a']) {
      const { status, headers } = await get(path)
      expect(status).toBe(200)
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400',
        'content-type': expect.stringMatching(/^application\/json/),
        etag: expect.stringMatching(/^W\/"[^"]+"$/),
      })
      expect(headers['set-cookie']).toBeUndefined()
    }
  })

  it('are seen within two seconds after their beacon was kept', async () => {
    await createSite(product, { id: 'quick', unit: 'pageviews' })
    for (let total = 1; total <= 5; total += 1) {
      const { answeredAtMs } = await visit('quick', 1)
      await until(async () => (await widget(product.url, 'quick')).total === total, { timeoutMs: 2000, everyMs: 20 })
      expect(Date.now() - answeredAtMs).toBeLessThan(2000)
      await pause(100 * total)
    }
  })
})

describe('a reader that has the numbers already', () => {
  it.each(['/w/plain.json', '/w/plain.json?p=/a', '/w/plain/views?p=/a&p=/b'])(
    'is told so in few bytes: %s',
    async (path) => {
      const { headers } = await get(path)
      const etag = headers.etag ?? ''
      const strong = etag.replace('W/', '')
      for (const known of [etag, strong, `"x", ${etag}`, `W/"x",${strong} , "y"`, '*']) {
        const again = await get(path, { 'If-None-Match': known })
        expect([known, again.status, again.text, again.headers.etag]).toEqual([known, 304, '', etag])
        expect(again.headers).toMatchObject({
          'access-control-allow-origin': '*',
          'cache-control': headers['cache-control'],
        })
      }
      for (const other of ['"x"', 'W/"x"', `${strong.slice(0, -1)}x"`, '""'])
        expect([other, (await get(path, { 'If-None-Match': other })).status]).toEqual([other, 200])
    },
  )

  it('has them still when only the time has moved, and no more when a number has', async () => {
    await createSite(product, { id: 'tagged' })
    const before = await get('/w/tagged.json')
    await until(async () => (await widget(product.url, 'tagged')).asOf !== (before.json() as { asOf: string }).asOf)
    expect((await get('/w/tagged.json')).headers.etag).toBe(before.headers.etag)
    await visit('tagged', 1)
    await widgetShows(product.url, 'tagged', { total: 1 })
    const after = await get('/w/tagged.json', { 'If-None-Match': before.headers.etag ?? '' })
    expect(after.status).toBe(200)
    expect(after.headers.etag).not.toBe(before.headers.etag)
  })

  it('gets by HEAD what GET would give, without the body', async () => {
    for (const path of ['/w/plain.json', '/w/plain/views?p=/a']) {
      const [full, head] = [await get(path), await get(path, {}, 'HEAD')]
      expect([head.status, head.text]).toEqual([200, ''])
      for (const name of ['etag', 'content-type', 'content-length', 'cache-control', 'access-control-allow-origin'])
        expect([name, head.headers[name]]).toEqual([name, full.headers[name]])
      const known = await get(path, { 'If-None-Match': full.headers.etag ?? '' }, 'HEAD')
      expect(known.status).toBe(304)
    }
  })
})

describe('views', () => {
  it('are keyed as asked, in that order', async () => {
    const asked = [
      '/b',
      '/a',
      '/a/',
      '/a/index.html',
      '/%61',
      'https://elsewhere.example/a?x=1#y',
      '/A',
      '//a',
      '/a?id=1',
    ]
    const answer = await get(`/w/plain/views?${query(asked)}`)
    expect(Object.keys(answer.json() as object)).toEqual(['v', 'asOf', 'views'])
    const views = Object.entries((answer.json() as { views: Record<string, number> }).views)
    expect(views).toEqual(asked.map((p) => [p, ['/b', '/A', '//a'].includes(p) ? 0 : 2]))
    expect(answer.json()).toMatchObject({ v: 1, asOf: expect.stringMatching(/\+05:45$/) })
  })

  it('take 50 paths and no more', async () => {
    const paths = Array.from({ length: 51 }, (_, n) => (n === 49 ? '/a' : `/${n}`))
    const answer = await get(`/w/plain/views?${query(paths.slice(0, 50))}`)
    expect(answer.status).toBe(200)
    expect(Object.keys((answer.json() as { views: object }).views)).toEqual(paths.slice(0, 50))
    expect((answer.json() as { views: Record<string, number> }).views['/a']).toBe(2)
    expect(verdictOf(await get(`/w/plain/views?${query(paths)}`))).toMatch(/^400 too_many_paths/)
  })

  it('tell pages apart by the query keys of the site, and by no others', async () => {
    await createSite(product, { id: 'portal', unit: 'pageviews', pageQueryKeys: ['id', 'cat'] })
    for (const u of ['/?id=12&utm=x', '/?cat=%C4%91&id=12', '/?id=12&cat=đ#top', '/?page=2', '/'])
      await visit('portal', 1, { u: `https://example.vn${u}` })
    await widgetShows(product.url, 'portal', { total: 5 })
    const asked = ['/?id=12', '/?id=12&x=y', '/?id=12&cat=đ', '/?cat=đ&id=12', '/', '/?id=13']
    // One visitor within half an hour: each page once.
    expect(await viewsOf(product.url, 'portal', asked)).toEqual(new Map(asked.map((p) => [p, p === '/?id=13' ? 0 : 1])))
  })
})

describe('what is refused', () => {
  const fifty = query(Array.from({ length: 50 }, (_, n) => `/${n}`))
  it.each<[string, RegExp]>([
    ['/w/plain.json?x=1', /^400 unknown_parameter/],
    ['/w/plain.json?p=/a&lang=vi', /^400 unknown_parameter/],
    ['/w/plain/views?p=/a&q=/b', /^400 unknown_parameter/],
    ['/w/plain.json?p=a', /^400 bad_parameter/],
    ['/w/plain.json?p=', /^400 bad_parameter/],
    ['/w/plain.json?p=ftp://example.vn/', /^400 bad_parameter/],
    ['/w/plain.json?p=javascript:alert(1)', /^400 bad_parameter/],
    ['/w/plain/views', /^400 bad_parameter/],
    ['/w/plain/views?p=/a&p=b', /^400 bad_parameter/],
    [`/w/plain/views?${fifty}&p=/a`, /^400 too_many_paths/],
    ['/w/nowhere.json', /^404 site_not_found/],
    ['/w/nowhere/views?p=/a', /^404 site_not_found/],
    ['/w/a.b.json', /^404 /],
    ['/w/plain', /^404 route_not_found/],
    ['/w/plain.xml', /^404 route_not_found/],
  ])('%.40s: %s', async (path, verdict) => {
    const answer = await get(path)
    expect(verdictOf(answer)).toMatch(verdict)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers.etag).toBeUndefined()
  })

  it('can be read by any page too', async () => {
    for (const path of ['/w/nowhere.json', '/w/plain.json?x=1'])
      expect((await get(path)).headers['access-control-allow-origin']).toBe('*')
  })

  it('is every method but GET and HEAD', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await get('/w/plain.json', {}, method)
      expect([verdictOf(answer), answer.headers.allow]).toEqual([
        '405 method_not_allowed',
        expect.stringMatching(/^GET, HEAD/),
      ])
    }
  })
})

it.each(['/t.js', '/w.js'])('serves %s for an hour, to any page', async (path) => {
  const answer = await get(path)
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  expect(answer.headers['cache-control']).toBe('public, max-age=3600')
  expect(answer.headers['access-control-allow-origin']).toBe('*')
  expect(answer.body.length).toBeGreaterThan(500)
})

describe('every number', () => {
  const seed = seedOfRun()
  it.each(SITES)(`is the recount’s: $timeZone, $weekStart, $unit (SEED=${seed})`, async (settings) => {
    const site = await createRecountedSite(product, { id: `walks-${SITES.indexOf(settings)}`, ...settings })
    const { key } = await createKey(product, site.id)
    const events = walks(site, Math.floor(Date.now() / 1000), dice(seed + SITES.indexOf(settings)))
    const repeats = events.slice(0, 20)
    const facts: Fact[] = []
    // In two posts, so that late events come after numbers were already shown.
    for (const batch of [events.slice(0, 150), [...events.slice(150), ...repeats]]) {
      expect((await postEvents(product.url, key, batch)).json()).toMatchObject({ accepted: batch.length, rejected: [] })
      facts.push(...batch.map((event) => serverFact(event, Date.now())))
      await agreesWithRecount(product.url, site, facts)
    }
  })
})

describe('online', () => {
  it('lets readers go when the window has passed over them, to the second', async () => {
    const site = await createRecountedSite(product, {
      id: 'leaving',
      timeZone: calmTimeZone(),
      onlineWindowSeconds: 60,
    })
    const { key } = await createKey(product, site.id)
    const now = Math.floor(Date.now() / 1000)
    const events = [0, 1, 30, 56, 57, 58, 59, 60, 61].map((seconds, n): SentEvent => ({
      site: site.id,
      type: n % 2 === 0 ? 'view' : 'heartbeat',
      id: uuid7(),
      at: new Date((now - seconds) * 1000).toISOString(),
      url: 'https://example.vn/',
      userAgent: browser(n),
    }))
    await postEvents(product.url, key, events)
    const facts = events.map((event) => serverFact(event, Date.now()))
    await widgetShows(product.url, 'leaving', { total: 5 })
    const seen = new Set<number | null>()
    await until(
      async () => {
        const { shown, allowed } = await onlineShown(product.url, site, facts)
        seen.add(allowed.includes(Number(shown)) ? shown : null)
        return shown === 3
      },
      { everyMs: 150, what: 'the last but three to leave' },
    )
    expect([...seen].every((shown) => shown !== null && shown >= 3)).toBe(true)
    expect(seen.size).toBeGreaterThan(2)
  })
})
