import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ADMIN_KEY, Collector, DoorServer, type Sent } from '../testing/collector.js'
import { CRAWLER } from '../testing/fakes.js'
import { event, EventsSender, HEADERS, json, openEventsCollector, receipt } from '../testing/server-events.js'

let collector: Collector
let server: DoorServer
let send: EventsSender

beforeEach(async () => {
  collector = await openEventsCollector()
  server = await DoorServer.listen(collector)
  send = new EventsSender(server)
})

afterEach(() => server.close())

describe('who may send', () => {
  it.each([
    ['no key', undefined, 401, 'unauthorized'],
    ['another scheme', 'Basic aW5nZXN0LWRlbW8=', 401, 'unauthorized'],
    ['an unknown key', 'Bearer nobody', 401, 'unauthorized'],
    ['a reading key', 'Bearer read-demo', 403, 'forbidden'],
    ['an owner key', 'Bearer owner-demo', 403, 'forbidden'],
  ])('with %s it answers %3$s', async (_who, authorization, status, code) => {
    const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) }
    const answer = await server.send({ path: '/v1/events', headers, body: JSON.stringify([event()]) })
    expect([answer.status, json(answer).code]).toEqual([status, code])
    expect(collector.log.events).toEqual([])
  })

  it('takes the ingest key for its site only', async () => {
    const answer = await send.post(JSON.stringify(event({ site: 'strict' })))
    expect(json(answer)).toEqual(receipt(0, {}, [[1, 'wrong_site']]))
  })

  it('takes the admin key for every site that exists', async () => {
    const lines = [event(), event({ site: 'strict' }), event({ site: 'nowhere' }), event({ site: 7 }), 5]
    const body = lines.map((line) => JSON.stringify(line)).join('\n')
    const answer = await send.post(body, { authorization: `bearer ${ADMIN_KEY}` })
    expect(json(answer)).toEqual(
      receipt(2, {}, [
        [3, 'site_not_found'],
        [4, 'bad_field'],
        [5, 'bad_field'],
      ]),
    )
  })

  it('does not know whose key it is while no keys are known', async () => {
    const blind = new Collector()
    blind.registry.isAway = true
    await blind.open([])
    const blindServer = await DoorServer.listen(blind)
    const answer = await blindServer.send({ path: '/v1/events', headers: HEADERS })
    await blindServer.close()
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
  })
})

describe('what is refused as a whole', () => {
  const cases: [what: string, sent: Sent, status: number, code: string][] = [
    ['another method', { method: 'GET', headers: {} }, 405, 'method_not_allowed'],
    ['a preflight, as no page may send here', { method: 'OPTIONS', headers: {} }, 405, 'method_not_allowed'],
    ['no type', { headers: { authorization: HEADERS.authorization } }, 415, 'unsupported_media_type'],
    ['text', { headers: { ...HEADERS, 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['an encoded body', { headers: { ...HEADERS, 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
    ['a wrong key before a wrong type', { headers: { 'content-type': 'text/plain' } }, 401, 'unauthorized'],
  ]

  it.each(cases)('%s', async (_what, sent, status, code) => {
    const answer = await server.send({ path: '/v1/events', body: '', ...sent })
    expect(answer.status).toBe(status)
    expect(json(answer)).toMatchObject({ status, code })
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it.each([
    ['cut-off JSON', '[{"site":', 400, 'bad_json'],
    ['one object', JSON.stringify(event()), 400, 'bad_field'],
    ['1,001 events', JSON.stringify(Array.from({ length: 1001 }, () => 0)), 413, 'too_many_beacons'],
    ['over 8,192,000 bytes', `[${' '.repeat(8_192_000)}]`, 413, 'too_large'],
  ])('of JSON, %s', async (_what, body, status, code) => {
    const answer = await send.post(body, { 'content-type': 'application/json' })
    expect([answer.status, json(answer).code]).toEqual([status, code])
  })

  it('leaves other addresses to others', async () => {
    const answer = await server.send({ path: '/v1/eventsx', body: '' })
    expect(answer.body.toString()).toBe('nobody')
  })
})

describe('a JSON array', () => {
  it('is taken item by item, numbered from 1', async () => {
    const items = [event(), event({ type: 'leave' }), event({ userAgent: CRAWLER }), event({ id: 'order:2' })]
    const answer = await send.array(items)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
    expect(json(answer)).toEqual(receipt(2, { bot: 1 }, [[2, 'bad_field']]))
    expect(collector.log.events).toHaveLength(2)
    expect(await collector.outcomes()).toEqual({ kept: 2, bot: 1, bad_field: 1 })
  })

  it('may be empty', async () => {
    expect(json(await send.array([]))).toEqual(receipt(0))
  })

  it('may hold 1,000 events', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => event({ id: `e${i}` }))
    expect(json(await send.array(items))).toEqual(receipt(1000))
    expect(collector.log.appends.map(({ length }) => length)).toEqual([500, 500])
  })
})

describe('a slow log', () => {
  it('has one write of a request in flight', async () => {
    let land = (): void => undefined
    collector.log.gate = new Promise((resolve) => (land = resolve))
    const answered = send.array(Array.from({ length: 1000 }, (_, i) => event({ id: `e${i}` })))
    await expect.poll(() => collector.log.begun).toBe(1)
    // As long again as a second write would need to begin.
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(collector.log.begun).toBe(1)
    land()
    expect(json(await answered)).toEqual(receipt(1000))
  })
})

describe('NDJSON', () => {
  it('numbers blank lines and skips them', async () => {
    const body = ['', JSON.stringify(event()), '  ', 'no json', '', JSON.stringify(event({ at: 'now' })), ''].join(
      '\r\n',
    )
    expect(json(await send.post(body))).toEqual(
      receipt(1, {}, [
        [4, 'bad_json'],
        [6, 'bad_field'],
      ]),
    )
  })

  it('takes a last line without a line end', async () => {
    expect(json(await send.post(`${JSON.stringify(event())}\n${JSON.stringify(event({ id: 'last' }))}`))).toEqual(
      receipt(2),
    )
  })

  it('may be empty', async () => {
    expect(json(await send.post(''))).toEqual(receipt(0))
  })

  it('refuses a line over 8 KiB and goes on', async () => {
    const fits = event({ padding: '' })
    fits.padding = 'x'.repeat(8192 - JSON.stringify(fits).length)
    const tooLong = { ...fits, padding: `${String(fits.padding)}x` }
    expect(json(await send.lines(fits, tooLong, event()))).toEqual(receipt(2, {}, [[2, 'too_large']]))
  })

  it('lists the first 1,000 that it rejects and counts all', async () => {
    const lines = Array.from({ length: 1500 }, () => '{}')
    const answer = json(await send.lines(...lines, event()))
    expect(answer).toMatchObject({ accepted: 1, rejectedTotal: 1500 })
    expect(answer.rejected).toHaveLength(1000)
    expect((answer.rejected as unknown[])[999]).toEqual({ line: 1000, code: 'bad_field' })
  })

  it('accepts a repeat', async () => {
    expect(json(await send.lines(event(), event()))).toEqual(receipt(2))
  })

  it('hands a long stream to the log in pieces of at most 500', async () => {
    const lines = Array.from({ length: 3210 }, (_, i) => event({ id: `e${i}` }))
    expect(json(await send.lines(...lines))).toEqual(receipt(3210))
    const sizes = collector.log.appends.map(({ length }) => length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3210)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500)
  })
})

describe('503', () => {
  it('carries the receipt so far together with the problem', async () => {
    collector.log.appendsLeft = 1
    const items = Array.from({ length: 600 }, (_, i) => event({ id: `e${i}` }))
    const answer = await send.array(['no object', ...items])
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(json(answer)).toMatchObject({
      status: 503,
      code: 'log_unavailable',
      ...receipt(500, {}, [[1, 'bad_field']]),
    })
    expect(await collector.outcomes()).toEqual({ kept: 500, log_unavailable: 100, bad_field: 1 })
  })

  it('ends a long stream, of which what was accepted is in the log', async () => {
    collector.log.appendsLeft = 2
    const answer = await send.lines(...Array.from({ length: 5000 }, (_, i) => event({ id: `e${i}` })))
    expect(answer.status).toBe(503)
    expect(json(answer).accepted).toBe(collector.log.events.length)
    expect(collector.log.appends).toHaveLength(2)
  })

  it('when the salt of a line’s day is lacking', async () => {
    collector.salts.lacking.add(Date.UTC(2026, 10, 24) / 86_400_000)
    const answer = await send.lines('{}', event({ visitor: 'member 12' }))
    expect([answer.status, json(answer).rejectedTotal]).toEqual([503, 1])
  })

  it('for a JSON array too', async () => {
    collector.log.fails = true
    const answer = await send.array([event(), { bad: true }])
    expect(answer.status).toBe(503)
    expect(json(answer)).toMatchObject({ code: 'log_unavailable', accepted: 0, rejectedTotal: 1 })
  })
})
