import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRetryable, readRetryAfterMs, retryDelayMs } from './retry.js'

describe('isRetryable', () => {
  it.each([0, 401, 408, 429, 500, 502, 503, 504])('tries again after %d', (status) => {
    expect(isRetryable(status)).toBe(true)
  })

  it.each([200, 204, 400, 403, 404, 413])('never tries again after %d', (status) => {
    expect(isRetryable(status)).toBe(false)
  })
})

describe('readRetryAfterMs', () => {
  it.each([
    ['7', 7000],
    ['0', 0],
    [null, 0],
    [undefined, 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
    ['9999999', 86_400_000],
  ])('reads %j as %d ms', (header, expected) => {
    expect(readRetryAfterMs(header)).toBe(expected)
  })
})

describe('retryDelayMs', () => {
  it('waits 2, 8 and 32 seconds, a quarter more or less', () => {
    expect([0, 1, 2].map((retry) => retryDelayMs(retry, 0.5, 0))).toEqual([2000, 8000, 32_000])
    expect(retryDelayMs(0, 0, 0)).toBe(1500)
    expect(retryDelayMs(0, 1, 0)).toBe(2500)
  })

  it('is at least a tenth of a second later than Retry-After', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        random,
        fc.integer({ min: 1, max: 86_400 }),
        (retry, dice, seconds) => {
          expect(retryDelayMs(retry, dice, seconds * 1000)).toBeGreaterThanOrEqual(seconds * 1000 + 100)
        },
      ),
    )
  })
})
