import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Beacon } from './beacon.wire.js'
import { deliver, flush } from './delivery.js'

type Reply = { status: number; retryAfter?: string } | 'unreachable'

let replies: Reply[] = []
let sent: { atMs: number; url: string; body: Beacon; options: RequestInit }[] = []
let startedAt = 0
const network = { onLine: true }

function beacon(id: string, e: Beacon['e'] = 'view'): Beacon {
  return { v: 1, s: 'demo', e, i: id, u: 'https://example.vn/' }
}

async function answer(url: string, options: RequestInit): Promise<Response> {
  sent.push({ atMs: performance.now() - startedAt, url, body: JSON.parse(String(options.body)), options })
  const reply = replies.shift() ?? { status: 204 }
  if (reply === 'unreachable') throw new TypeError('Failed to fetch')
  const headers: Record<string, string> = reply.retryAfter ? { 'Retry-After': reply.retryAfter } : {}
  return new Response(null, { status: reply.status, headers })
}

const ages = () => sent.map(({ atMs, body }) => [atMs, body.a])

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  // The dice in the middle: no jitter.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  vi.stubGlobal('fetch', answer)
  vi.stubGlobal('navigator', network)
  replies = []
  sent = []
  network.onLine = true
  startedAt = performance.now()
})

afterEach(async () => {
  // What still waits is delivered, so that no test meets the beacons of another.
  network.onLine = true
  replies = []
  await vi.runAllTimersAsync()
  flush()
  await vi.runAllTimersAsync()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('deliver', () => {
  it('sends once, as text without cookies, in a request that outlives the page', async () => {
    deliver('https://count.vn', beacon('one'))
    await vi.runAllTimersAsync()
    expect(sent).toHaveLength(1)
    expect(sent[0]?.url).toBe('https://count.vn/c')
    expect(sent[0]?.options).toMatchObject({ method: 'POST', keepalive: true, credentials: 'omit' })
    expect(typeof sent[0]?.options.body).toBe('string')
    expect(sent[0]?.options.headers).toBeUndefined()
    expect(sent[0]?.body).toEqual(beacon('one'))
  })

  it('tries again after 2, 8 and 32 s with the same id and its age, then gives up', async () => {
    // 0 ── 2 ── 10 ───────── 42 s
    replies = [{ status: 503 }, 'unreachable', { status: 500 }, { status: 503 }]
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(ages()).toEqual([
      [0, undefined],
      [2000, 2000],
      [10_000, 10_000],
      [42_000, 42_000],
    ])
    expect(new Set(sent.map(({ body }) => body.i))).toEqual(new Set(['one']))
  })

  it('stops at the first success', async () => {
    replies = [{ status: 503 }, { status: 503 }, { status: 204 }]
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sent).toHaveLength(3)
  })

  it.each([400, 403, 404, 413])('does not come back after %d', async (status) => {
    replies = [{ status }]
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sent).toHaveLength(1)
  })

  it('does not try a heartbeat again', async () => {
    replies = [{ status: 503 }]
    deliver('', beacon('one', 'heartbeat'))
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sent).toHaveLength(1)
  })

  it('waits for Retry-After where that is longer, and flushing does not break it', async () => {
    replies = [{ status: 429, retryAfter: '20' }]
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(19_000)
    flush()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toHaveLength(1)
    // 20 s, a tenth and an eighth: the middle of the jitter, which only adds here.
    await vi.advanceTimersByTimeAsync(5500)
    expect(ages()[1]).toEqual([24_500, 24_500])
  })

  it('spends no try while offline and goes out when flushed online', async () => {
    replies = ['unreachable']
    network.onLine = false
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(sent).toHaveLength(1)
    network.onLine = true
    flush()
    await vi.advanceTimersByTimeAsync(0)
    expect(ages()[1]).toEqual([3_600_000, 3_600_000])
  })

  it('does not send twice when flushed shortly before its time', async () => {
    replies = ['unreachable']
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(1999)
    flush()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(sent).toHaveLength(2)
  })

  it('counts the time to the next try from a flush that failed', async () => {
    // 0 ── 1.9 flushed ── (2 given up) ── 9.9 s
    replies = ['unreachable', 'unreachable']
    deliver('', beacon('one'))
    await vi.advanceTimersByTimeAsync(1900)
    flush()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(ages()).toEqual([
      [0, undefined],
      [1900, 1900],
      [9900, 9900],
    ])
  })

  it('remembers ten and forgets the oldest', async () => {
    network.onLine = false
    replies = Array.from({ length: 11 }, () => 'unreachable' as const)
    for (let index = 0; index < 11; index++) deliver('', beacon(`b${index}`))
    await vi.advanceTimersByTimeAsync(60_000)
    network.onLine = true
    flush()
    await vi.advanceTimersByTimeAsync(0)
    const again = sent.slice(11).map(({ body }) => body.i)
    expect(again).toEqual(['b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'b9', 'b10'])
  })
})
