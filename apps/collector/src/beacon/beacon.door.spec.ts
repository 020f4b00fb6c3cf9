import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AS_BROWSER, beaconId, view } from '../testing/beacons.js'
import { type Answered, Collector, DoorServer, problemOf, type Sent, until } from '../testing/collector.js'
import { NOW_MS } from '../testing/fakes.js'

let collector: Collector
let server: DoorServer

beforeEach(async () => {
  collector = await new Collector().open()
  server = await DoorServer.listen(collector)
})

afterEach(() => server.close())

function post(beacons: unknown, headers: Sent['headers'] = {}): Promise<Answered> {
  const body = typeof beacons === 'string' ? beacons : JSON.stringify(beacons)
  return server.send({ headers: { ...AS_BROWSER, ...headers }, body })
}

describe('a kept beacon', () => {
  it('is answered 204 and is in the log then', async () => {
    const answer = await post(view({ n: 'A page' }))
    expect([answer.status, answer.body.length]).toEqual([204, 0])
    expect(collector.log.events).toMatchObject([
      { type: 'view', site: 'demo', path: '/a', t: NOW_MS / 1000, receivedAtMs: NOW_MS, facts: { title: 'A page' } },
    ])
    expect(await collector.outcomes()).toEqual({ kept: 1 })
  })

  it('is not answered before it is durable', async () => {
    let land = (): void => undefined
    collector.log.gate = new Promise((resolve) => (land = resolve))
    const order: string[] = []
    const answered = post(view()).then(() => order.push('answered'))
    await until(() => collector.log.begun === 1)
    await server.send({ path: '/elsewhere' }) // what was answered before is here by then
    order.push('durable')
    land()
    await answered
    expect(order).toEqual(['durable', 'answered'])
  })

  it.each([
    ['no type', {}],
    ['text/plain', { 'content-type': 'text/plain;charset=UTF-8' }],
    ['application/json', { 'content-type': 'application/json' }],
  ])('may come with %s', async (_name, headers) => {
    expect((await post(view(), headers)).status).toBe(204)
  })

  it('is t = floor((receipt - a) / 1000), whatever the clock of the browser says', async () => {
    collector.clock.nowMs = NOW_MS + 250
    await post(view({ a: 1251 }))
    expect(collector.log.events[0]).toMatchObject({ t: NOW_MS / 1000 - 2, receivedAtMs: NOW_MS + 250 })
  })

  // Around what Node holds of a body that nobody reads yet, and up to the limit.
  it.each([100, 16_000, 17_000, 40_000, 65_000])('may be one of an array with %i bytes more', async (padding) => {
    expect((await post([view({ padding: 'x'.repeat(padding) }), view({ i: beaconId(2) })])).status).toBe(204)
    expect(collector.log.events).toHaveLength(2)
  })

  it('may come in pieces', async () => {
    const text = JSON.stringify(view())
    const head = `POST /c HTTP/1.1\r\nHost: x\r\nUser-Agent: Firefox\r\nContent-Length: ${text.length}\r\n\r\n`
    const socket = connect(server.port, '127.0.0.1')
    socket.write(head + text.slice(0, 20))
    await until(() => server.requests === 1)
    socket.write(text.slice(20))
    const [answer] = await new Promise<string[]>((resolve) => socket.once('data', (data) => resolve([String(data)])))
    socket.destroy()
    expect(answer).toMatch(/^HTTP\/1\.1 204 /)
  })
})

describe('bodies that are refused', () => {
  it.each([
    ['no body', '', 'bad_json', undefined],
    ['cut-off JSON', '{"v":1', 'bad_json', undefined],
    ['a text', '"hello"', 'bad_field', 'body'],
    ['null', 'null', 'bad_field', 'body'],
    ['an empty array', '[]', 'bad_field', 'body'],
    ['an array of no objects', '[1]', 'bad_field', 'body'],
    ['version 2', JSON.stringify(view({ v: 2 })), 'unsupported_version', undefined],
    ['no site', JSON.stringify(view({ s: undefined })), 'bad_field', 's'],
    ['21 beacons', JSON.stringify(Array.from({ length: 21 }, () => view())), 'too_many_beacons', undefined],
  ])('%s', async (_what, body, code, field) => {
    expect(problemOf(await post(body))).toMatchObject({ code, ...(field !== undefined && { field }) })
    expect(collector.log.events).toEqual([])
    expect(await collector.outcomes()).toEqual({ [code]: 1 })
  })

  it('invalid UTF-8 is bad_json', async () => {
    const body = Buffer.from(JSON.stringify(view({ n: '\u00e9' })), 'latin1')
    expect(problemOf(await server.send({ headers: AS_BROWSER, body })).code).toBe('bad_json')
  })

  it('over 64 KiB is too_large, and the connection goes on', async () => {
    const body = JSON.stringify([view({ padding: 'x'.repeat(65_536) })])
    expect(problemOf(await post(body)).code).toBe('too_large')
    expect((await post(view())).status).toBe(204)
  })

  it('over 64 KiB without a Content-Length is too_large', async () => {
    const body = JSON.stringify([view({ padding: 'x'.repeat(200_000) })])
    const answer = await server.send({ headers: { ...AS_BROWSER, 'transfer-encoding': 'chunked' }, body })
    expect(problemOf(answer).code).toBe('too_large')
  })

  it('is told so before the whole of a long body came', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n[')
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
    socket.destroy()
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('lets a good beacon through on the connection on which a bad one was refused', async () => {
    const good = JSON.stringify(view())
    const bad = 'x'.repeat(70_000)
    const socket = connect(server.port, '127.0.0.1')
    const answers: string[] = []
    const bothAnswered = new Promise<void>((resolve) =>
      socket.on('data', (data) => {
        answers.push(...(String(data).match(/HTTP\/1\.1 \d+/g) ?? []))
        if (answers.length === 2) resolve()
      }),
    )
    socket.write(`POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: ${bad.length}\r\n\r\n${bad}`)
    socket.write(`POST /c HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nContent-Length: ${good.length}\r\n\r\n${good}`)
    await bothAnswered
    socket.destroy()
    expect(answers).toEqual(['HTTP/1.1 413', 'HTTP/1.1 204'])
  })
})

describe('a beacon that breaks the intake', () => {
  const broken = new Error('broken on purpose')
  const breaks: [how: string, harm: () => void][] = [
    ['at once', () => vi.spyOn(collector.intake, 'take').mockImplementationOnce(() => raise(broken))],
    ['later', () => vi.spyOn(collector.intake, 'take').mockRejectedValueOnce(broken)],
  ]
  const raise = (error: Error): never => {
    throw error
  }

  it.each(breaks)('%s is answered with 500, and harms no other', async (_how, harm) => {
    harm()
    const answers = await Promise.all([post(view()), post(view())])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 500])
    expect(await collector.outcomes()).toEqual({ internal: 1, kept: 1 })
    harm()
    expect((await server.send({ method: 'GET', path: '/c.gif?s=demo&u=https://example.vn/' })).status).toBe(500)
    expect((await post(view())).status).toBe(204)
  })
})

describe('what every answer carries', () => {
  const REQUESTS: [name: string, sent: Sent, status: number][] = [
    ['kept', { body: JSON.stringify(view()), headers: AS_BROWSER }, 204],
    ['dropped', { body: JSON.stringify(view()) }, 204],
    ['bad JSON', { body: '{' }, 400],
    ['unknown site', { body: JSON.stringify(view({ s: 'nowhere' })), headers: AS_BROWSER }, 404],
    ['wrong method', { method: 'DELETE' }, 405],
    ['wrong type', { headers: { 'content-type': 'text/html' } }, 415],
    ['too large', { body: 'x'.repeat(9000) }, 413],
    ['preflight', { method: 'OPTIONS' }, 204],
    ['pixel', { method: 'GET', path: '/c.gif?s=demo&u=https://example.vn/', headers: AS_BROWSER }, 200],
    ['bad pixel', { method: 'GET', path: '/c.gif', headers: AS_BROWSER }, 400],
    ['pixel with a wrong method', { method: 'POST', path: '/c.gif' }, 405],
  ]

  it.each(REQUESTS)('%s: CORS for all, no-store, no cookie', async (_name, sent, status) => {
    const { status: answered, headers } = await server.send(sent)
    expect(answered).toBe(status)
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Truycap-Dropped, Retry-After',
      'cache-control': 'no-store',
    })
    expect(headers['set-cookie']).toBeUndefined()
  })

  it('429 and 503 carry it too, and Retry-After', async () => {
    const limited = await new Collector({ ratePerSecond: 0.1, rateBurst: 1 }).open()
    const limitedServer = await DoorServer.listen(limited)
    const send = () => limitedServer.send({ headers: AS_BROWSER, body: JSON.stringify(view()) })
    limited.log.fails = true
    const answers = [await send(), await send()]
    await limitedServer.close()
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [503, '5'],
      [429, '10'],
    ])
    for (const { headers } of answers) expect(headers['access-control-allow-origin']).toBe('*')
  })
})

describe('methods and targets', () => {
  it.each([
    ['/c', 'POST, OPTIONS'],
    ['/c.gif', 'GET, OPTIONS'],
  ])('OPTIONS %s is 204 with what may be sent', async (path, methods) => {
    const { status, headers } = await server.send({ method: 'OPTIONS', path })
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-methods': methods,
      'access-control-allow-headers': 'Content-Type',
      'access-control-max-age': '86400',
    })
    expect(await collector.outcomes()).toEqual({})
  })

  it.each([
    ['GET', '/c', 'POST, OPTIONS'],
    ['HEAD', '/c', 'POST, OPTIONS'],
    ['PUT', '/c?x=1', 'POST, OPTIONS'],
    ['POST', '/c.gif', 'GET, OPTIONS'],
    ['HEAD', '/c.gif?s=demo', 'GET, OPTIONS'],
  ])('%s %s is 405 with Allow', async (method, path, allow) => {
    const { status, headers } = await server.send({ method, path })
    expect([status, headers.allow]).toEqual([405, allow])
  })

  it.each(['/', '/cc', '/c/', '/C', '/c.gifx', '/c.png', '/v1/sites'])('%s is left to others', async (path) => {
    const { body, headers } = await server.send({ path })
    expect([body.toString(), headers['access-control-allow-origin']]).toEqual(['nobody', undefined])
  })

  it('takes POST /c with a query', async () => {
    expect((await server.send({ path: '/c?1', headers: AS_BROWSER, body: JSON.stringify(view()) })).status).toBe(204)
  })
})
