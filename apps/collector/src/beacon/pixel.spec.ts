import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AS_BROWSER } from '../testing/beacons.js'
import { Collector, DoorServer, problemOf, type Sent } from '../testing/collector.js'
import { NOW_MS } from '../testing/fakes.js'

let collector: Collector
let server: DoorServer

beforeEach(async () => {
  collector = await new Collector().open()
  server = await DoorServer.listen(collector)
})

afterEach(() => server.close())

describe('GET /c.gif', () => {
  const query = (keys: Record<string, string>) => `/c.gif?${new URLSearchParams(keys).toString()}`
  const get = (path: string, headers: Sent['headers'] = {}) =>
    server.send({ method: 'GET', path, headers: { ...AS_BROWSER, ...headers } })

  it('keeps a view and answers a GIF of 43 bytes', async () => {
    const { status, headers, body } = await get(query({ s: 'demo', u: 'https://example.vn/tin/1', r: 'https://a.vn/' }))
    expect([status, headers['content-type'], headers['content-length'], body.length]).toEqual([
      200,
      'image/gif',
      '43',
      43,
    ])
    expect(body.subarray(0, 6).toString()).toBe('GIF89a')
    expect(collector.log.events).toMatchObject([
      { type: 'view', site: 'demo', path: '/tin/1', facts: { referrerHost: 'a.vn' } },
    ])
  })

  it('takes the Referer when there is no u, and u when there are both', async () => {
    await get(query({ s: 'demo' }), { referer: 'https://example.vn/from-referer' })
    await get(query({ s: 'demo', u: '' }), { referer: 'https://example.vn/empty-u' })
    await get(query({ s: 'demo', u: 'https://example.vn/u' }), { referer: 'https://example.vn/from-referer' })
    expect(collector.log.events.map(({ path }) => path)).toEqual(['/from-referer', '/empty-u', '/u'])
  })

  it('refuses when there is neither', async () => {
    expect(problemOf(await get(query({ s: 'demo' })))).toMatchObject({ code: 'bad_field', field: 'u' })
  })

  it('makes an id when there is none, another each time, of the time of receipt', async () => {
    await get(query({ s: 'demo', u: 'https://example.vn/' }))
    await get(query({ s: 'demo', u: 'https://example.vn/', i: '' }))
    const [first, second] = collector.log.events
    expect(first?.id).not.toEqual(second?.id)
    expect([first?.idAtMs, second?.idAtMs]).toEqual([NOW_MS, NOW_MS])
  })

  it('takes the id that it is given', async () => {
    await get(query({ s: 'demo', u: 'https://example.vn/', i: '019AB000-0000-7000-8000-0000000000FF' }))
    expect(Buffer.from(collector.log.events[0]?.id ?? []).toString('hex')).toBe('019ab0000000700080000000000000ff')
  })

  it('ignores other keys, wrong ones too', async () => {
    const { status } = await get(query({ s: 'demo', u: 'https://example.vn/', e: 'leave', v: '9', a: 'x', b: '1' }))
    expect([status, collector.log.events[0]?.type]).toEqual([200, 'view'])
  })

  it('takes the language that the browser prefers', async () => {
    await get(query({ s: 'demo', u: 'https://example.vn/' }), { 'accept-language': 'vi-VN,vi;q=0.9,en;q=0.8' })
    await get(query({ s: 'demo', u: 'https://example.vn/' }), { 'accept-language': '*' })
    expect(collector.log.events.map(({ facts }) => facts.language)).toEqual(['vi-VN', ''])
  })

  it('answers the GIF for what is dropped, and says why', async () => {
    const { status, headers, body } = await get(query({ s: 'demo', u: 'https://example.vn/' }), { purpose: 'prefetch' })
    expect([status, headers['truycap-dropped'], body.length]).toEqual([200, 'prefetch', 43])
  })

  it('answers a problem for what is refused', async () => {
    expect(problemOf(await get(query({ s: 'nowhere', u: 'https://example.vn/' }))).code).toBe('site_not_found')
    collector.log.fails = true
    expect(problemOf(await get(query({ s: 'demo', u: 'https://example.vn/' }))).code).toBe('log_unavailable')
  })
})
