import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseIsoDate } from '#domain'
import { demo, DISTINCT, DoorUnderTest } from '../testing/door-under-test.js'
import { TestClock } from '../testing/test-clock.js'

Logger.overrideLogger(false)

const MONDAY = parseIsoDate('2026-11-23')!
const CACHE = 'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400'
const FORMS = ['/w/demo.svg', '/w/demo.html', '/w/demo.txt?f=total']
const FIELDS = ['online', 'today', 'yesterday', 'week', 'month', 'year', 'total']

describe('WidgetDoor without script', () => {
  let door: DoorUnderTest
  beforeEach(async () => {
    door = await new DoorUnderTest(TestClock.at('2026-11-23T12:00:00Z')).start()
    door.count(MONDAY, Object.values(DISTINCT))
    door.counters.online = 4
  })
  afterEach(() => door.stop())
  const text = async (path: string): Promise<string> => (await door.get(path)).text()

  it.each([
    ['/w/demo.svg', 'image/svg+xml; charset=utf-8'],
    ['/w/demo.html', 'text/html; charset=utf-8'],
    ['/w/demo.txt?f=total', 'text/plain; charset=utf-8'],
  ])('answers %s as %s, cacheable and for any page', async (path, type) => {
    const answer = await door.get(path)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'access-control-allow-origin': '*',
      'cache-control': CACHE,
      etag: expect.stringMatching(/^W\/".+"$/) as string,
    })
  })

  it('says in every form what the JSON says, from one reading', async () => {
    const numbers = await door.json('/w/demo.json')
    const texts = await Promise.all(FIELDS.map((field) => text(`/w/demo.txt?f=${field}`)))
    expect(Object.fromEntries(FIELDS.map((field, n) => [field, texts[n]]))).toEqual({
      online: '4',
      today: '21',
      yesterday: '990',
      week: '667',
      month: '7087',
      year: '29537',
      total: '390402',
    })
    expect(numbers).toMatchObject({ online: 4, week: 667, total: 390_402 })
    for (const form of [await text('/w/demo.svg'), await text('/w/demo.html')]) {
      for (const shown of ['000390402', '>4<', '>667<', '>7.087<', '>29.537<']) expect(form).toContain(shown)
    }
    expect(door.counters.fault.calls).toBe(1)
  })

  it('groups, names and fills up as asked', async () => {
    for (const form of [await text('/w/demo.svg?lang=en&digits=7'), await text('/w/demo.html?digits=7&lang=en')]) {
      expect(form).toContain('>0390402<')
      expect(form).toContain('>7,087<')
      expect(form).toContain('Total visits: 390,402')
    }
    expect(await text('/w/demo.txt?f=total&digits=9')).toBe('000390402')
    expect(await text('/w/demo.txt?f=month&lang=en')).toBe('7087')
  })

  it.each(FORMS)('answers %s to HEAD as to GET, and 304 to who has it, whatever the asOf', async (path) => {
    const got = await door.get(path)
    const head = await door.get(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['etag', 'content-length', 'cache-control', 'content-type']) {
      expect(head.headers.get(name)).toBe(got.headers.get(name))
    }
    const headers = { 'if-none-match': got.headers.get('etag')! }
    door.clock.pass(20_000)
    expect((await door.get(path, { headers })).status).toBe(304)
    door.count(MONDAY, [22, 990, 668, 669, 7088, 29_538, 390_403])
    door.clock.pass(1000)
    expect((await door.get(path, { headers })).status).toBe(200)
  })

  it.each(['/w/demo.svg', '/w/demo.html'])('has other tags for other looks and units of %s', async (path) => {
    const tag = async (query: string) => (await door.get(path + query)).headers.get('etag')
    const tags = [await tag(''), await tag('?lang=en'), await tag('?theme=led'), await tag('?digits=8')]
    door.registry.sites = [{ ...demo, unit: 'visitors' }]
    await door.directory.refreshFromNow()
    door.clock.pass(500)
    tags.push(await tag(''))
    expect(new Set(tags).size).toBe(5)
  })

  it.each(['/w/demo.svg', '/w/demo.html'])(
    'lets %s load and run nothing, and search engines pass it by',
    async (path) => {
      const { headers } = await door.get(path)
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/,
      )
      expect(headers.get('x-robots-tag')).toBe('noindex')
    },
  )

  it.each([
    ['/w/nobody.svg', 404, 'site_not_found'],
    ['/w/nobody.txt?f=total', 404, 'site_not_found'],
    ['/w/demo.svg?p=/a', 400, 'unknown_parameter'],
    ['/w/demo.html?theme=neon', 400, 'bad_parameter'],
    ['/w/demo.txt', 400, 'bad_parameter'],
    ['/w/nobody.txt', 400, 'bad_parameter'],
  ])('refuses %s with %i %s, not cacheable', async (path, status, code) => {
    const answer = await door.get(path)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store'])
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(await answer.json()).toMatchObject({ code })
  })

  it.each(FORMS)('refuses POST to %s', async (path) => {
    const answer = await door.get(path, { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it.each(FORMS)('shares one reading of %s for half a second, and never longer', async (path) => {
    const before = await text(path)
    door.count(MONDAY, [22, 990, 668, 669, 7088, 29_538, 390_403])
    door.clock.pass(499)
    expect(await text(path)).toBe(before)
    door.clock.pass(1)
    expect(await text(path)).toContain('390403')
    expect(door.counters.fault.calls).toBe(2)
  })

  // 23:59:59.900 Monday | 00:00:00.000 Tuesday
  it('turns at the second of local midnight', async () => {
    door.clock.set('2026-11-23T23:59:59.900Z')
    expect(await text('/w/demo.txt?f=today')).toBe('21')
    door.count(MONDAY + 1, [1, 21, 668, 669, 7088, 29_538, 390_403])
    door.clock.pass(100)
    expect(await text('/w/demo.txt?f=today')).toBe('1')
  })

  describe('while the counters are away', () => {
    beforeEach(async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      door.clock.pass(31 * 60_000)
    })

    it('shows the last known numbers with their time, for a short time only', async () => {
      for (const path of ['/w/demo.svg', '/w/demo.html']) {
        const answer = await door.get(path)
        expect(answer.headers.get('cache-control')).toContain('max-age=5,')
        const form = await answer.text()
        expect(form).toContain('Số liệu lúc 12:00')
        expect(form).toContain('000390402')
      }
      const answer = await door.get('/w/demo.txt?f=total')
      expect([await answer.text(), answer.headers.get('cache-control')?.includes('max-age=5,')]).toEqual([
        '390402',
        true,
      ])
    })

    it.each(FORMS)('has another tag for stale numbers of %s, whatever the time that they tell', async (path) => {
      const stale = (await door.get(path)).headers.get('etag')!
      door.counters.fault.mood = 'fine'
      door.clock.pass(1000)
      const fresh = (await door.get(path)).headers.get('etag')!
      expect(fresh).not.toBe(stale)
      door.counters.fault.mood = 'failing'
      door.clock.pass(600_000)
      expect((await door.get(path)).headers.get('etag')).toBe(stale)
    })
  })

  describe('when only the store knows', () => {
    beforeEach(() => {
      door.counters.fault.mood = 'failing'
      door.store.days.set(MONDAY, 20)
    })

    it('shows a dash for who is online, and no digits where only digits may be', async () => {
      expect(await text('/w/demo.svg')).toContain('Đang online: –.')
      expect(await text('/w/demo.html')).toContain('<dd>–</dd>')
      expect(await text('/w/demo.txt?f=today')).toBe('20')
      const online = await door.get('/w/demo.txt?f=online')
      expect([online.status, online.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await online.json()).toMatchObject({ code: 'numbers_unknown' })
    })

    it.each(FORMS)('answers %s with 503 when nobody does', async (path) => {
      door.store.fault.mood = 'failing'
      const answer = await door.get(path)
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store'])
      expect(await answer.json()).toMatchObject({ code: 'numbers_unknown' })
    })
  })
})
