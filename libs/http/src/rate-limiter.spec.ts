import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimiter } from './rate-limiter.js'

const START_MS = 1_000_000

function wanted(...keys: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

describe('RateLimiter', () => {
  it('grants a burst at once and then what the rate brings', () => {
    const limiter = new RateLimiter({ ratePerSecond: 2, burst: 3 })
    const takeAt = (ms: number) => limiter.take(wanted('a'), START_MS + ms)
    expect([takeAt(0), takeAt(0), takeAt(0), takeAt(0)]).toEqual([0, 0, 0, 1])
    expect([takeAt(499), takeAt(500), takeAt(500)]).toEqual([1, 0, 1])
  })

  it('says in whole seconds when the tokens will be there', () => {
    const limiter = new RateLimiter({ ratePerSecond: 2, burst: 10 })
    expect(limiter.take(new Map([['a', 10]]), START_MS)).toBe(0)
    expect(limiter.take(new Map([['a', 5]]), START_MS)).toBe(3) // 5 tokens at 2 a second: 2.5 s
    expect(limiter.take(new Map([['a', 5]]), START_MS + 3000)).toBe(0)
  })

  it('takes all or none, over several keys too', () => {
    const limiter = new RateLimiter({ ratePerSecond: 1, burst: 2 })
    expect(limiter.take(wanted('a', 'a'), START_MS)).toBe(0)
    expect(limiter.take(wanted('b', 'a'), START_MS)).toBe(1)
    // `b` still has both of its tokens.
    expect(limiter.take(wanted('b', 'b'), START_MS)).toBe(0)
  })

  it('never grants more than a burst at once', () => {
    const limiter = new RateLimiter({ ratePerSecond: 1, burst: 2 })
    expect(limiter.take(wanted('a', 'a', 'a'), START_MS)).toBe(1)
    expect(limiter.take(wanted('a', 'a', 'a'), START_MS + 60_000)).toBe(1)
  })

  it('keeps keys apart', () => {
    const limiter = new RateLimiter({ ratePerSecond: 1, burst: 1 })
    expect(['a', 'b', 'a'].map((key) => limiter.take(wanted(key), START_MS))).toEqual([0, 0, 1])
  })

  it.each([
    ['rate', { ratePerSecond: 0, burst: 5 }],
    ['burst', { ratePerSecond: 5, burst: 0 }],
  ])('is off when the %s is 0', (_which, limits) => {
    const limiter = new RateLimiter(limits)
    expect(limiter.off).toBe(true)
    expect(limiter.take(new Map([['a', 1_000_000]]), START_MS)).toBe(0)
  })

  it('gives nothing for a clock that was set back', () => {
    const limiter = new RateLimiter({ ratePerSecond: 1, burst: 1 })
    expect(limiter.take(wanted('a'), START_MS)).toBe(0)
    expect(limiter.take(wanted('a'), START_MS - 500)).toBe(1)
    expect(limiter.take(wanted('a'), START_MS + 500)).toBe(0)
  })

  it('forgets the buckets that are full again', () => {
    const limiter = new RateLimiter({ ratePerSecond: 10, burst: 10 })
    for (let i = 0; i < 1000; i++) limiter.take(wanted(`key ${i}`), START_MS)
    expect(limiter.size).toBe(1000)
    limiter.take(wanted('a'), START_MS + 1000)
    limiter.take(wanted('a'), START_MS + 2000)
    expect(limiter.size).toBe(1)
  })

  it('holds a bounded number of buckets in a flood of keys', () => {
    const limiter = new RateLimiter({ ratePerSecond: 1, burst: 1_000_000 }, 100)
    for (let i = 0; i < 10_000; i++) limiter.take(wanted(`key ${i}`), START_MS)
    expect(limiter.size).toBeLessThanOrEqual(200)
  })

  it('grants what a bucket that is never forgotten would', () => {
    const asks = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), count: fc.nat(4), gapMs: fc.nat(3000) }))
    fc.assert(
      fc.property(asks, (all) => {
        const limiter = new RateLimiter({ ratePerSecond: 1, burst: 4 })
        // Tokens times 1,000, so that the plain bucket counts in integers.
        const plain = new Map<string, { milli: number; atMs: number }>()
        let nowMs = START_MS
        for (const { key, count, gapMs } of all) {
          nowMs += gapMs
          const bucket = plain.get(key) ?? { milli: 4000, atMs: nowMs }
          const milli = Math.min(4000, bucket.milli + nowMs - bucket.atMs)
          const isGranted = milli >= count * 1000
          plain.set(key, { milli: isGranted ? milli - count * 1000 : milli, atMs: nowMs })
          const retryAfter = limiter.take(new Map([[key, count]]), nowMs)
          expect(retryAfter).toBe(isGranted ? 0 : Math.ceil((count * 1000 - milli) / 1000))
        }
      }),
    )
  })
})
