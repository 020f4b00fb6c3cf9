import { describe, expect, it } from 'vitest'
import { fastestRefreshMs, nextState, pollDelayMs, type FeedState } from './feed-state.js'

const LOADING: FeedState = { kind: 'loading' }
const FAILED: FeedState = { kind: 'failed' }
const KNOWN: FeedState = { kind: 'known', numbers: { total: 5 } }

describe('nextState', () => {
  it.each<[string, FeedState, { status: number; body?: unknown }, FeedState]>([
    ['the first numbers', LOADING, { status: 200, body: { total: 5 } }, KNOWN],
    ['a first failure', LOADING, { status: 503 }, FAILED],
    ['no answer', LOADING, { status: 0 }, FAILED],
    ['JSON that is no object', LOADING, { status: 200, body: null }, FAILED],
    ['numbers after a failure', FAILED, { status: 200, body: { total: 5 } }, KNOWN],
    ['a failure after numbers, which stay', KNOWN, { status: 503 }, KNOWN],
    ['an unknown site', LOADING, { status: 404 }, { kind: 'unknown-site' }],
    ['a site that was deleted', KNOWN, { status: 404 }, { kind: 'unknown-site' }],
  ])('follows %s', (_, state, answer, expected) => {
    expect(nextState(state, answer)).toEqual(expected)
  })
})

describe('pollDelayMs', () => {
  it('doubles with every failure, up to 15 minutes', () => {
    const delays = [0, 1, 2, 3, 4, 5, 50].map((failures) => pollDelayMs(60_000, failures, 0.5))
    expect(delays).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000, 900_000])
  })

  it('varies by a tenth', () => {
    expect(pollDelayMs(60_000, 0, 0)).toBeCloseTo(54_000)
    expect(pollDelayMs(60_000, 0, 1)).toBeCloseTo(66_000)
  })

  it('keeps a pace that is slower than that', () => {
    expect(pollDelayMs(3_600_000, 3, 0.5)).toBe(3_600_000)
  })

  it('never comes when refresh is off', () => {
    expect(pollDelayMs(0, 0, 0.5)).toBe(Infinity)
  })
})

describe('fastestRefreshMs', () => {
  it.each([
    [[60_000, 15_000, 0], 15_000],
    [[0, 0], 0],
    [[], 0],
  ])('takes of %j %d', (wanted, expected) => {
    expect(fastestRefreshMs(wanted)).toBe(expected)
  })
})
