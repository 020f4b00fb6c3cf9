import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Product } from '../support/harness/index.js'
import {
  beacon,
  createSite,
  endEverything,
  oneConnection,
  postBeacon,
  request,
  startProduct,
  verdictOf,
} from '../support/harness/index.js'
import { RIGHT, WRONG } from './beacon-fields.data.js'

let product: Product

const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

/** Every answer of the door may be read by any page, is kept by no cache and sets no cookie. */
function open(answer: Answer): Answer {
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Truycap-Dropped, Retry-After',
    'cache-control': 'no-store',
  })
  expect(answer.headers['set-cookie']).toBeUndefined()
  return answer
}

async function judge(body: unknown, headers: Record<string, string | undefined> = {}): Promise<string> {
  return verdictOf(open(await postBeacon(product.url, body, headers)))
}

/** A beacon of exactly so many bytes, made longer by a key that nobody knows. */
function ofSize(bytes: number, filler = 'x', overrides: object = {}): string {
  const without = Buffer.byteLength(JSON.stringify({ ...beacon(), ...overrides, pad: '' }))
  const full = Math.floor((bytes - without) / Buffer.byteLength(filler))
  const rest = 'x'.repeat(bytes - without - full * Buffer.byteLength(filler))
  return JSON.stringify({ ...beacon(), ...overrides, pad: filler.repeat(full) + rest })
}

beforeAll(async () => {
  product = await startProduct({ env: { TRUST_PROXY: '127.0.0.1' } })
  await createSite(product, { id: 'dropping' })
  await createSite(product, { id: 'hosted', hosts: ['example.vn', '*.example.org', 'bücher.example'] })
  await createSite(product, { id: 'shut', excludedAddresses: ['203.0.113.7', '2001:db8::7'] })
  await createSite(product, { id: 'counting-shut', bots: 'count', excludedAddresses: ['203.0.113.7'] })
  await createSite(product, { id: 'ab' })
  await createSite(product, { id: 'A-site_with-an-id-of-32-characters'.slice(0, 32) })
})

afterAll(endEverything)

describe('the order of judgement', () => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('refuses %s before it looks at anything else', async (method) => {
    const headers = { 'Content-Type': 'image/png', 'Content-Encoding': 'gzip' }
    const body = method === 'GET' ? {} : { body: '{'.repeat(70_000) }
    const answer = open(await request({ url: `${product.url}/c`, method, headers, ...body }))
    expect(verdictOf(answer)).toBe('405 method_not_allowed')
    expect(answer.headers.allow?.split(/, ?/)).toContain('POST')
  })

  const tooLongAndWrong = ofSize(9000, 'x', { v: 2, s: 'nowhere' })
  const manyAndWrong = Array.from({ length: 21 }, () => ({ v: 'wrong' }))
  it.each<[string, unknown, Record<string, string>, string]>([
    ['the type before the length', tooLongAndWrong, { 'Content-Type': 'image/png' }, '415 unsupported_media_type'],
    ['the encoding before the length', tooLongAndWrong, { 'Content-Encoding': 'gzip' }, '415 unsupported_media_type'],
    ['the length before the fields', tooLongAndWrong, {}, '413 too_large'],
    ['the length before the syntax', '{'.repeat(65_537), {}, '413 too_large'],
    ['the count before the fields', manyAndWrong, {}, '413 too_many_beacons'],
    ['the fields before the site', beacon({ s: 'nowhere', w: 0 }), {}, '400 bad_field w'],
    ['the site before the crawler', beacon({ s: 'nowhere' }), { 'User-Agent': GOOGLEBOT }, '404 site_not_found'],
    [
      'the host before the crawler',
      beacon({ s: 'hosted', u: 'https://example.com/', b: 1 }),
      { 'User-Agent': GOOGLEBOT },
      '403 host_not_allowed',
    ],
  ])('judges %s', async (_order, body, headers, verdict) => {
    expect(await judge(body, headers)).toBe(verdict)
  })
})

describe('type and length', () => {
  it.each([
    undefined,
    'text/plain',
    'text/plain;charset=UTF-8',
    'TEXT/PLAIN; charset=utf-8',
    'application/json',
    'application/json; charset=utf-8',
  ])('takes the type %s', async (type) => {
    expect(await judge(beacon(), { 'Content-Type': type })).toBe('204')
  })

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/html', 'application/jsonp'])(
    'refuses the type %s',
    async (type) => {
      expect(await judge(beacon(), { 'Content-Type': type })).toBe('415 unsupported_media_type')
    },
  )

  it.each(['gzip', 'identity'])('refuses the encoding %s', async (encoding) => {
    expect(await judge(beacon(), { 'Content-Encoding': encoding })).toBe('415 unsupported_media_type')
  })

  const arrayOf = (bytes: number) => `[${ofSize(8000)}${' '.repeat(bytes - 8002)}]`
  it.each<[string, string, string]>([
    ['a beacon of 8 KiB', ofSize(8192), '204'],
    ['a beacon of a byte more', ofSize(8193), '413 too_large'],
    ['a beacon of few letters and many bytes', ofSize(8193, 'ế'), '413 too_large'],
    ['an array of 64 KiB', arrayOf(65_536), '204'],
    ['an array of a byte more', arrayOf(65_537), '413 too_large'],
    ['an array of 20', JSON.stringify(Array.from({ length: 20 }, () => beacon())), '204'],
  ])('judges %s', async (_what, body, verdict) => {
    expect(await judge(body)).toBe(verdict)
  })

  it('refuses a body that does not say its length as soon as it is too long', async () => {
    async function* pieces() {
      for (let sent = 0; sent < 10; sent += 1) yield Buffer.alloc(8000, ' ')
    }
    const headers = { 'Content-Type': 'text/plain' }
    // A connection of its own: what is answered before it was sent whole is followed by no other request.
    const agent = oneConnection()
    const answer = await request({ url: `${product.url}/c`, method: 'POST', headers, body: pieces(), agent })
    agent.destroy()
    expect(verdictOf(open(answer))).toBe('413 too_large')
  })
})

describe('the body', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', '400 bad_json'],
    ['half an object', '{"v":1', '400 bad_json'],
    ['two objects', '{}{}', '400 bad_json'],
    ['bytes that are no UTF-8', Buffer.from(JSON.stringify(beacon({ n: 'é' })), 'latin1'), '400 bad_json'],
    ['null', 'null', '400 bad_field body'],
    ['a number', '5', '400 bad_field body'],
    ['a text', '"view"', '400 bad_field body'],
    ['an empty array', '[]', '400 bad_field body'],
    ['an array of no objects', '[5]', '400 bad_field body'],
    ['another version', JSON.stringify({ ...beacon(), v: 2 }), '400 unsupported_version'],
    ['version 0', JSON.stringify({ ...beacon(), v: 0 }), '400 unsupported_version'],
  ])('of %s is answered %3$s', async (_what, body, verdict) => {
    expect(await judge(body)).toBe(verdict)
  })
})

describe('the fields', () => {
  const cases = WRONG.flatMap(([field, around, values]) =>
    values.map((value): [string, string, object] => [
      field,
      String(JSON.stringify(value)).slice(0, 60),
      { ...around, [field]: value },
    ]),
  )
  it.each(cases)('refuses %s = %s', async (field, _value, overrides) => {
    expect(await judge({ ...beacon(), ...overrides })).toBe(`400 bad_field ${field}`)
  })

  it.each(RIGHT)('takes %s', async (_what, overrides) => {
    expect(await judge({ ...beacon(), ...overrides })).toBe('204')
  })

  const ORDERS: [string, object, string[]][] = [
    ['an event', { e: 'event', m: 'buy' }, ['v', 's', 'e', 'i', 'u', 'r', 'n', 'w', 'l', 'z', 'a', 'm', 'o', 'b', 'g']],
    ['a leave', { e: 'leave', d: 5 }, ['v', 's', 'e', 'i', 'r', 'n', 'w', 'l', 'z', 'a', 'd', 'b', 'g']],
  ]
  const inOrder = ORDERS.flatMap(([what, around, fields]) =>
    fields.map((field, at): [string, string, object, string[]] => [what, field, around, fields.slice(at)]),
  )
  it.each(inOrder)(
    'of %s with all wrong from %s on names the first of the table',
    async (_what, field, around, wrong) => {
      const values = Object.fromEntries(wrong.map((name) => [name, name === 'v' ? '1' : []]))
      const withoutU = 'u' in values || around === ORDERS[0]?.[1] ? {} : { u: undefined }
      expect(await judge({ ...beacon(), ...around, ...withoutU, ...values })).toBe(`400 bad_field ${field}`)
    },
  )
})

describe('the site and its hosts', () => {
  it('waits for news of a site that it does not know, at most a second, and all who wait share it', async () => {
    const startedAt = performance.now()
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => judge(beacon({ s: 'nowhere' }))))
    expect(new Set(verdicts)).toEqual(new Set(['404 site_not_found']))
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  it.each([
    ['https://example.vn/a', '204'],
    ['https://www.example.vn/a', '204'],
    ['http://EXAMPLE.vn.:8080/a', '204'],
    ['https://shop.example.vn/', '403 host_not_allowed'],
    ['https://example.vn.evil.example/', '403 host_not_allowed'],
    ['https://notexample.vn/', '403 host_not_allowed'],
    ['https://a.example.org/', '204'],
    ['https://b.a.example.org/', '204'],
    ['https://example.org/', '403 host_not_allowed'],
    ['https://xn--bcher-kva.example/', '204'],
    ['https://BÜCHER.example/', '204'],
  ])('answers a view of %s with %s', async (u, verdict) => {
    expect(await judge(beacon({ s: 'hosted', u }))).toBe(verdict)
  })

  it.each([{ e: 'heartbeat' }, { e: 'leave', d: 5 }] as const)('asks no host of %o', async (overrides) => {
    expect(await judge({ ...beacon({ s: 'hosted', ...overrides }), u: 'https://example.com/' })).toBe('204')
  })
})

describe('what is dropped', () => {
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  it.each<[string, string, object, Record<string, string | undefined>, string]>([
    ['a known crawler', 'dropping', {}, { 'User-Agent': GOOGLEBOT }, '204 bot'],
    ['no User-Agent', 'dropping', {}, { 'User-Agent': undefined }, '204 bot'],
    ['an empty User-Agent', 'dropping', {}, { 'User-Agent': '' }, '204 bot'],
    ['webdriver', 'dropping', { b: 1 }, {}, '204 bot'],
    ['webdriver and more', 'dropping', { b: 255 }, {}, '204 bot'],
    ['another hint alone', 'dropping', { b: 2 }, {}, '204'],
    ['a crawler where they count', 'demo', { b: 1 }, { 'User-Agent': GOOGLEBOT }, '204'],
    ['no User-Agent where they count', 'demo', {}, { 'User-Agent': undefined }, '204'],
    ['Sec-Purpose', 'demo', {}, { 'Sec-Purpose': 'prefetch' }, '204 prefetch'],
    ['Sec-Purpose with more', 'demo', {}, { 'Sec-Purpose': 'prefetch;prerender' }, '204 prefetch'],
    ['Purpose', 'demo', {}, { Purpose: 'prefetch' }, '204 prefetch'],
    ['X-Moz', 'demo', {}, { 'X-Moz': 'prefetch' }, '204 prefetch'],
    ['an excluded address', 'shut', {}, from('203.0.113.7'), '204 excluded'],
    ['the same as IPv4 in IPv6', 'shut', {}, from('::ffff:203.0.113.7'), '204 excluded'],
    ['an excluded IPv6 address, written otherwise', 'shut', {}, from('2001:DB8:0::0:7'), '204 excluded'],
    ['the address next to it', 'shut', {}, from('203.0.113.8'), '204'],
    ['an excluded address said by the reader itself', 'shut', {}, from('203.0.113.7, 203.0.113.8'), '204'],
    ['all three', 'shut', { b: 1 }, { 'X-Moz': 'prefetch', ...from('203.0.113.7') }, '204 bot'],
    ['the last two', 'shut', {}, { 'X-Moz': 'prefetch', ...from('203.0.113.7') }, '204 prefetch'],
    [
      'all three where crawlers count',
      'counting-shut',
      { b: 1 },
      { 'X-Moz': 'prefetch', ...from('203.0.113.7') },
      '204 prefetch',
    ],
    ['a crawler from there where crawlers count', 'counting-shut', { b: 1 }, from('203.0.113.7'), '204 excluded'],
  ])('judges %s', async (_what, s, overrides, headers, verdict) => {
    expect(await judge({ ...beacon({ s }), ...overrides }, headers)).toBe(verdict)
  })

  it.each(['heartbeat', 'leave', 'event'] as const)('drops a %s like a view', async (e) => {
    expect(await judge(beacon({ s: 'dropping', e, m: 'buy', d: 5 }), { 'User-Agent': GOOGLEBOT })).toBe('204 bot')
  })
})

it('lets any page ask beforehand', async () => {
  const headers = {
    Origin: 'https://example.vn',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'content-type',
  }
  const answer = open(await request({ url: `${product.url}/c`, method: 'OPTIONS', headers }))
  expect([answer.status, answer.text]).toEqual([204, ''])
  expect(answer.headers['access-control-allow-methods']).toContain('POST')
  expect(answer.headers['access-control-allow-headers']).toMatch(/^content-type$/i)
  expect(answer.headers['access-control-max-age']).toBe('86400')
})
