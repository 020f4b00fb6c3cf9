import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseIsoDate } from '#domain'
import { demo, DISTINCT, DoorUnderTest } from '../testing/door-under-test.js'
import { TestClock } from '../testing/test-clock.js'

const MONDAY = parseIsoDate('2026-11-23')!
const CACHE = 'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400'
const STALE_CACHE = 'public, max-age=5, stale-while-revalidate=60, stale-if-error=86400'
const FRESH = {
  v: 1,
  site: 'demo',
  tz: 'UTC',
  unit: 'visits',
  asOf: '2026-11-23T12:00:00+00:00',
  ttl: 15,
  online: 4,
  onlineWindow: 300,
  today: 21,
  yesterday: 990,
  week: 667,
  month: 7087,
  year: 29_537,
  total: 390_402,
}
const views = (...paths: string[]): string =>
  `/w/demo/views?${paths.map((p) => `p=${encodeURIComponent(p)}`).join('&')}`

describe('WidgetDoor', () => {
  let door: DoorUnderTest
  beforeEach(async () => {
    door = await new DoorUnderTest(TestClock.at('2026-11-23T12:00:00Z')).start()
    door.count(MONDAY, Object.values(DISTINCT))
    door.counters.online = 4
    door.counters.paths.set('/tin', 57).set('/tin?id=7', 3)
  })
  afterEach(() => door.stop())

  it('answers the numbers of a site, cacheable and for any page', async () => {
    const answer = await door.get('/w/demo.json')
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
      'cache-control': CACHE,
      etag: expect.stringMatching(/^W\/".+"$/) as string,
    })
    expect(await answer.json()).toEqual(FRESH)
  })

  it('answers HEAD as GET, without the body', async () => {
    const got = await door.get('/w/demo.json')
    const head = await door.get('/w/demo.json', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    for (const name of ['etag', 'content-length', 'cache-control', 'content-type']) {
      expect(head.headers.get(name)).toBe(got.headers.get(name))
    }
  })

  it('answers 304 to who has these numbers, whatever the asOf, and 200 when they moved', async () => {
    const etag = (await door.get('/w/demo.json')).headers.get('etag')!
    door.clock.pass(20_000)
    for (const tag of [etag, `"other", ${etag}`, etag.slice(2), '*']) {
      const answer = await door.get('/w/demo.json', { headers: { 'if-none-match': tag } })
      expect([answer.status, await answer.text()]).toEqual([304, ''])
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('cache-control')).toBe(CACHE)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    door.counters.online = 5
    door.clock.pass(1000)
    expect((await door.get('/w/demo.json', { headers: { 'if-none-match': etag } })).status).toBe(200)
  })

  it('shows the unit and the week that the site has now', async () => {
    door.registry.sites = [{ ...demo, unit: 'pageviews', weekStart: 'sunday' }]
    await door.directory.refreshFromNow()
    expect(await door.json('/w/demo.json')).toMatchObject({ unit: 'pageviews', week: 668 })
  })

  describe('for paths', () => {
    it('adds the views of one path to the numbers', async () => {
      expect(await door.json('/w/demo.json?p=/tin')).toEqual({ ...FRESH, views: 57 })
      expect(await door.json('/w/demo.json?p=/never')).toEqual({ ...FRESH, views: 0 })
    })

    it('keys views as asked, counts them by the rule of paths, and says 0 of a path that nobody viewed', async () => {
      const asked = ['/tin/', 'https://demo.vn/tin?utm=1#x', '/never', '/tin']
      expect(await door.json(views(...asked))).toEqual({
        v: 1,
        asOf: '2026-11-23T12:00:00+00:00',
        views: { '/tin/': 57, 'https://demo.vn/tin?utm=1#x': 57, '/never': 0, '/tin': 57 },
      })
    })

    it('tells query pairs apart that the site lists', async () => {
      door.registry.sites = [{ ...demo, pageQueryKeys: ['id'] }]
      await door.directory.refreshFromNow()
      expect(await door.json(views('/tin?id=7&x=1', '/tin'))).toMatchObject({
        views: { '/tin?id=7&x=1': 3, '/tin': 57 },
      })
    })

    it('takes 50 paths, and a path twice', async () => {
      const paths = Array.from({ length: 48 }, (_, n) => `/p${n}`)
      const { views: answered } = await door.json(views('/tin', '/tin', ...paths))
      expect(Object.keys(answered as object)).toEqual(['/tin', ...paths])
    })

    it('answers 304 for views, too', async () => {
      const etag = (await door.get(views('/tin'))).headers.get('etag')!
      const again = () => door.get(views('/tin'), { headers: { 'if-none-match': etag } })
      expect((await again()).status).toBe(304)
      door.counters.paths.set('/tin', 58)
      door.clock.pass(1000)
      expect((await again()).status).toBe(200)
    })
  })

  describe('refuses', () => {
    const fifty = `p=/a&`.repeat(50)
    it.each([
      ['/w/nobody.json', 404, 'site_not_found', undefined],
      ['/w/nobody/views?p=/a', 404, 'site_not_found', undefined],
      ['/w/x.json', 404, 'site_not_found', undefined],
      ['/w/%00%00.json', 404, 'site_not_found', undefined],
      ['/w/demo.json?utm_source=x', 400, 'unknown_parameter', 'utm_source'],
      ['/w/demo.json?p=/a&__proto__=1', 400, 'unknown_parameter', '__proto__'],
      ['/w/demo.json?p=', 400, 'bad_parameter', 'p'],
      ['/w/demo.json?p=tin', 400, 'bad_parameter', 'p'],
      ['/w/demo.json?p=/a&p=/b', 400, 'bad_parameter', 'p'],
      ['/w/demo/views', 400, 'bad_parameter', 'p'],
      ['/w/demo/views?p=/a&p=javascript:1', 400, 'bad_parameter', 'p'],
      [`/w/demo/views?${fifty}p=/a`, 400, 'too_many_paths', 'p'],
      ['/w/nobody.json?x=1', 400, 'unknown_parameter', 'x'],
    ])('%s with %i %s', async (path, status, code, field) => {
      const answer = await door.get(path)
      expect(answer.status).toBe(status)
      expect(await answer.json()).toMatchObject({ status, code, ...(field === undefined ? {} : { field }) })
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      })
    })

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s, and names what it takes', async (method) => {
      const answer = await door.get('/w/demo.json', { method })
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
      expect(await answer.json()).toMatchObject({ code: 'method_not_allowed' })
    })
  })

  it('lets a script of any page ask with a condition', async () => {
    const answer = await door.get('/w/demo.json', { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-headers')).toBe('If-None-Match')
  })

  it.each(['/w/demo.png', '/w/demo', '/w/demo/views/x', '/w/demo.svg/x', '/w/', '/w.js', '/c', '/w/%zz.json'])(
    'leaves %s to other doors',
    async (path) => {
      expect((await door.get(path)).status).toBe(418)
    },
  )

  it('finds a site that was made a moment ago', async () => {
    door.registry.sites = [demo, { ...demo, id: 'new-site' }]
    expect(await door.json('/w/new-site.json')).toMatchObject({ site: 'new-site', total: 390_402 })
  })

  it('says that it cannot know, not that there is no such site, when the registry cannot be asked', async () => {
    door.registry.fault.mood = 'failing'
    const answer = await door.get('/w/nobody.json')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('counts its answers by status', async () => {
    await door.get('/w/demo.json')
    await door.get('/w/demo.json')
    await door.get('/w/nobody.json')
    const { values } = await door.metrics.widgetRequests.get()
    expect(values.map(({ labels, value }) => [labels.status, value])).toEqual([
      ['200', 2],
      ['404', 1],
    ])
  })

  describe('shares one reading', () => {
    it('among all who ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => door.json('/w/demo.json')))
      expect(answers.every(({ total }) => total === 390_402)).toBe(true)
      expect(door.counters.fault.calls).toBe(1)
    })

    it('for half a second, and never longer', async () => {
      await door.get('/w/demo.json')
      door.count(
        MONDAY,
        Object.values(DISTINCT).map((n) => n + 1),
      )
      door.clock.pass(499)
      expect(await door.json('/w/demo.json')).toMatchObject({ total: 390_402 })
      door.clock.pass(1)
      expect(await door.json('/w/demo.json')).toMatchObject({ total: 390_403 })
      expect(door.counters.fault.calls).toBe(2)
    })

    it('of the views of a path, too', async () => {
      await Promise.all(Array.from({ length: 100 }, () => door.get(views('/tin'))))
      expect(door.counters.fault.calls).toBeLessThanOrEqual(2)
      const calls = door.counters.fault.calls
      door.clock.pass(499)
      await door.get(views('/tin'))
      expect(door.counters.fault.calls).toBe(calls)
    })

    it('anew when the clock was set back', async () => {
      await door.get('/w/demo.json')
      door.clock.pass(-3_600_000)
      await door.get('/w/demo.json')
      expect(door.counters.fault.calls).toBe(2)
    })
  })

  describe('turns at the second of local midnight', () => {
    // 23:59:59.900   00:00:00.000
    // asked Monday   asked Tuesday: the reading is 100 ms young, and not of this day
    it('even when a reading is younger than half a second', async () => {
      door.clock.set('2026-11-23T23:59:59.900Z')
      expect(await door.json('/w/demo.json')).toMatchObject({ today: 21, yesterday: 990 })
      door.count(MONDAY + 1, [1, 21, 668, 669, 7088, 29_538, 390_403])
      door.clock.pass(99)
      expect(await door.json('/w/demo.json')).toMatchObject({ today: 21, yesterday: 990 })
      door.clock.pass(1)
      expect(await door.json('/w/demo.json')).toMatchObject({ today: 1, yesterday: 21 })
    })

    it('even for who joins a reading that began before it', async () => {
      door.count(MONDAY + 1, [1, 21, 668, 669, 7088, 29_538, 390_403])
      door.clock.set('2026-11-23T23:59:59.999Z')
      let open = (): void => undefined
      door.counters.fault.gate = new Promise((resolve) => (open = resolve))
      const before = door.json('/w/demo.json')
      await expect.poll(() => door.counters.fault.calls).toBe(1)
      door.clock.set('2026-11-24T00:00:00.000Z')
      const after = door.json('/w/demo.json')
      await door.get('/w/nobody.json')
      open()
      expect(await after).toMatchObject({ today: 1, yesterday: 21 })
      expect(await before).toMatchObject({ today: 1, yesterday: 21 })
    })
  })

  it('marks numbers stale whose asOf is older than a minute, though the counters answer', async () => {
    door.counters.stuckAtMs = door.clock.now()
    door.clock.pass(60_000)
    expect(await door.json('/w/demo.json')).not.toHaveProperty('stale')
    door.clock.pass(600)
    const answer = await door.get('/w/demo.json?p=/tin')
    expect(await answer.json()).toEqual({ ...FRESH, ttl: 5, views: 57, stale: true })
    expect(answer.headers.get('cache-control')).toBe(STALE_CACHE)
  })
})
