import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { visitorHash, visitorHashOfName } from '#domain'
import { ADMIN_KEY, type Collector, DoorServer } from '../testing/collector.js'
import { BROWSER, CRAWLER, NOW_MS, site } from '../testing/fakes.js'
import { event, EventsSender, json, openEventsCollector, receipt } from '../testing/server-events.js'

let collector: Collector
let server: DoorServer
let send: EventsSender

beforeEach(async () => {
  collector = await openEventsCollector()
  server = await DoorServer.listen(collector)
  send = new EventsSender(server)
})

afterEach(() => server.close())

describe('the rules of a server event', () => {
  it.each([
    ['60 s ahead becomes now', '2026-11-24T03:31:00Z', NOW_MS],
    ['in time stays', '2026-11-24T03:29:00.700Z', NOW_MS - 60_000 + 700],
    ['48 h old is taken', '2026-11-22T03:30:00Z', NOW_MS - 48 * 3_600_000],
  ])('%s', async (_rule, at, atMs) => {
    expect(json(await send.lines(event({ at })))).toEqual(receipt(1))
    expect(collector.log.events).toMatchObject([
      { t: Math.floor(atMs / 1000), idAtMs: atMs, receivedAtMs: NOW_MS, visitTimeout: 1800 },
    ])
  })

  it.each([
    ['61 s ahead', '2026-11-24T03:31:01Z', 'at_in_future'],
    ['over 48 h old', '2026-11-22T03:29:59Z', 'too_old'],
  ])('%s is rejected', async (_what, at, code) => {
    expect(json(await send.lines(event({ at })))).toEqual(receipt(0, {}, [[1, code]]))
  })

  it('takes ip and userAgent for the reader, and a name rather than these', async () => {
    const reader = { ip: '203.0.113.7', userAgent: BROWSER }
    await send.lines(event(reader), event({ ...reader, visitor: 'member 12' }), event())
    const salt = String(Date.UTC(2026, 10, 24) / 86_400_000).padStart(64, '0')
    expect(collector.log.events.map(({ visitor }) => visitor)).toEqual([
      visitorHash(salt, 'demo', '203.0.113.7', BROWSER),
      visitorHashOfName(salt, 'demo', 'member 12'),
      null,
    ])
    expect(collector.log.events[0]?.facts).toMatchObject({ country: 'VN', browser: 'Firefox' })
  })

  it('gives no visitor where privacy is asked for', async () => {
    await send.lines(event({ visitor: 'member 12', privacy: true }), event({ visitor: 'member 12', privacy: false }))
    expect(collector.log.events.map(({ visitor }) => visitor === null)).toEqual([true, false])
  })

  it('reads nothing of the reader from the request itself', async () => {
    const line = JSON.stringify(event({ visitor: 'member 12' }))
    const headers = { 'user-agent': CRAWLER, 'sec-gpc': '1', dnt: '1', purpose: 'prefetch' }
    expect(json(await send.post(line, headers))).toEqual(receipt(1))
    expect(collector.log.events[0]?.visitor).not.toBeNull()
  })

  it('drops bots and excluded addresses, bots first; no User-Agent is no bot', async () => {
    const excluded = { ip: '198.51.100.9' }
    const answer = await send.lines(
      event({ userAgent: CRAWLER }),
      event({ userAgent: CRAWLER, ...excluded }),
      event(excluded),
      event(),
    )
    expect(json(answer)).toEqual(receipt(1, { bot: 2, excluded: 1 }))
  })

  it('reads the registry once for all the unknown sites of an array', async () => {
    const body = Array.from({ length: 1000 }, (_, n) => event({ site: `unknown-${n}` }))
    const loads = collector.registry.loads
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' }
    const answer = json(await send.post(JSON.stringify(body), headers))
    expect(answer).toMatchObject({ accepted: 0, rejectedTotal: 1000 })
    expect(collector.registry.loads - loads).toBe(1)
  })

  it('finds a site that was made while the lines before it came', async () => {
    collector.registry.sites.push(site('new'))
    const headers = { authorization: `Bearer ${ADMIN_KEY}` }
    const lines = ['nobody', 'new', 'nobody'].map((name) => JSON.stringify(event({ site: name })))
    expect(json(await send.post(lines.join('\n'), headers))).toEqual(
      receipt(1, {}, [
        [1, 'site_not_found'],
        [3, 'site_not_found'],
      ]),
    )
  })

  it('judges the host, and marks bots on a site that counts them', async () => {
    const body = [event({ site: 'strict', url: 'https://example.com/' }), event({ site: 'strict', userAgent: CRAWLER })]
    const answer = await send.post(body.map((line) => JSON.stringify(line)).join('\n'), {
      authorization: 'Bearer ingest-strict',
    })
    expect(json(answer)).toEqual(receipt(1, {}, [[1, 'host_not_allowed']]))
    expect(collector.log.events[0]?.facts.bot).toBe(true)
  })
})
