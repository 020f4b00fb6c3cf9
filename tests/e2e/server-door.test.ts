import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverFact } from '../support/recount/index.js'
import type { Product } from '../support/harness/index.js'
import {
  agreesWithRecount,
  createKey,
  dice,
  endEverything,
  pause,
  postEventsBody,
  request,
  seedOfRun,
  startProduct,
  verdictOf,
  widgetShows,
} from '../support/harness/index.js'
import { GOOGLEBOT } from './server-events.data.js'
import type { Door } from './server-events.js'
import { acceptedAll, ago, lines, newDoor, receiptOf, view } from './server-events.js'

let product: Product

beforeAll(async () => {
  product = await startProduct()
})

afterAll(endEverything)

describe('the request', () => {
  let door: Door
  beforeAll(async () => {
    door = await newDoor(product)
  })

  it('needs a key that is known, and of the right role', async () => {
    const { site } = door
    const read = await createKey(product, site.id, 'read')
    const post = async (key: string | undefined, headers = {}) =>
      verdictOf(await postEventsBody(product.url, key, lines([view(site.id)]), headers))
    expect(await post(undefined)).toBe('401 unauthorized')
    expect(await post('unknown')).toBe('401 unauthorized')
    expect(await post(undefined, { Authorization: `Basic ${door.key}` })).toBe('401 unauthorized')
    expect(await post(read.key)).toBe('403 forbidden')
    expect(await post(door.key)).toBe('200')
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', undefined])('refuses the type %s', async (type) => {
    const headers = { Authorization: `Bearer ${door.key}`, ...(type !== undefined && { 'Content-Type': type }) }
    const answer = await request({ url: `${product.url}/v1/events`, method: 'POST', headers, body: '[]' })
    expect(verdictOf(answer)).toBe('415 unsupported_media_type')
  })

  it('refuses another method and says which it takes', async () => {
    const answer = await request({ url: `${product.url}/v1/events` })
    expect([verdictOf(answer), answer.headers.allow]).toEqual([
      '405 method_not_allowed',
      expect.stringContaining('POST'),
    ])
  })

  it('has no CORS, for its key is no page’s matter, and is kept by no cache', async () => {
    const { headers } = await postEventsBody(product.url, door.key, lines([view(door.site.id)]))
    expect([headers['access-control-allow-origin'], headers['cache-control']]).toEqual([undefined, 'no-store'])
  })

  it.each<[string, string, string]>([
    ['no JSON', '[', '400 bad_json'],
    ['no array', '{}', '400 bad_field body'],
    ['over 1,000 events', JSON.stringify(Array.from({ length: 1001 }, () => ({}))), '413 too_many_beacons'],
  ])('refuses an array body of %s', async (_what, body, verdict) => {
    const answer = await postEventsBody(product.url, door.key, body, { 'Content-Type': 'application/json' })
    expect(verdictOf(answer)).toBe(verdict)
  })

  it('takes an array of 1,000, with good and bad ones numbered from 1', async () => {
    const { site, key } = await newDoor(product)
    const events: unknown[] = Array.from({ length: 1000 }, () => view(site.id))
    events[1] = 5
    events[4] = view(site.id, { type: 'leave' })
    events[999] = view(site.id, { userAgent: GOOGLEBOT })
    const receipt = await receiptOf(product, key, JSON.stringify(events), { 'Content-Type': 'application/json' })
    const rejected = [
      { line: 2, code: 'bad_field' },
      { line: 5, code: 'bad_field' },
    ]
    expect(receipt).toMatchObject({ accepted: 997, dropped: { bot: 1 }, rejected })
    await widgetShows(product.url, site.id, { total: 997 })
  })
})

/** Cut anywhere, also inside a character, with a breath now and then. */
async function* inPieces(text: string, sizeOf: () => number) {
  const bytes = Buffer.from(text)
  let piece = 0
  for (let at = 0; at < bytes.length; piece += 1) {
    const size = sizeOf()
    yield bytes.subarray(at, at + size)
    at += size
    if (piece % 20 === 19) await pause(2)
  }
}

describe('NDJSON', () => {
  const seed = seedOfRun()
  it(`takes 20,000 lines that come slowly, in pieces cut anywhere (SEED=${seed})`, async () => {
    const { below } = dice(seed)
    const { site, key } = await newDoor(product, { unit: 'visits' })
    const events = Array.from({ length: 20_000 }, () =>
      view(site.id, {
        at: ago(below(170_000)),
        url: `https://example.vn/đường/${below(40)}`,
        ip: `203.0.113.${below(50)}`,
        title: 'Thống kê truy cập',
      }),
    )
    const receipt = await receiptOf(
      product,
      key,
      inPieces(lines(events), () => 1 + below(30_000)),
    )
    expect(receipt).toMatchObject(acceptedAll(20_000))
    const facts = events.map((event) => serverFact(event, Date.now()))
    await agreesWithRecount(product.url, site, facts, { timeoutMs: 5000 })
  })

  it('numbers blank lines and passes over them, and needs no line end at the end', async () => {
    const { site, key } = await newDoor(product)
    const one = () => JSON.stringify(view(site.id))
    const receipt = await receiptOf(product, key, `\n${one()}\r\n\r\n  \n{"half":\n${one()}\n\nnull\n${one()}`)
    const rejected = [
      { line: 5, code: 'bad_json' },
      { line: 8, code: 'bad_field' },
    ]
    expect(receipt).toMatchObject({ accepted: 3, dropped: {}, rejected })
    await widgetShows(product.url, site.id, { total: 3 })
  })

  it('takes a line of 8 KiB and refuses a longer one and one that is no UTF-8, wherever they stand', async () => {
    const { site, key } = await newDoor(product)
    const ofSize = (bytes: number) => {
      const event = { ...view(site.id), pad: '' }
      return JSON.stringify({ ...event, pad: 'x'.repeat(bytes - JSON.stringify(event).length) })
    }
    const latin = Buffer.from(`${JSON.stringify(view(site.id, { title: 'é' }))}\n`, 'latin1')
    const first = Buffer.from(`${ofSize(8193)}\n${ofSize(8192)}\n${ofSize(300_000)}\n${ofSize(500)}\n`)
    const receipt = await receiptOf(product, key, Buffer.concat([first, latin, Buffer.from(ofSize(8193))]))
    const rejected = [
      { line: 1, code: 'too_large' },
      { line: 3, code: 'too_large' },
      { line: 5, code: 'bad_json' },
      { line: 6, code: 'too_large' },
    ]
    expect(receipt).toMatchObject({ accepted: 2, dropped: {}, rejected })
  })

  it('lists the first 1,000 rejected lines and counts all', async () => {
    const { site, key } = await newDoor(product)
    const receipt = await receiptOf(product, key, `${'{}\n'.repeat(1500)}${lines([view(site.id)])}`)
    expect(receipt).toMatchObject({ accepted: 1, rejectedTotal: 1500 })
    expect(receipt.rejected.map(({ line }) => line)).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1))
  })
})
