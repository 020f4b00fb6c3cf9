import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayClosesAtMs, lastClosedDay, lastDroppedDay, RAW_DAYS } from './expiry.js'
import { rebuildCut, seedOperations, type StoredTail } from './rebuild.js'

const DAY_MS = 86_400_000
const DAY = 20_416

describe('a day', () => {
  it('is closed from just after the instant at which nothing can reach it', () => {
    expect(lastClosedDay(dayClosesAtMs(DAY))).toBe(DAY - 1)
    expect(lastClosedDay(dayClosesAtMs(DAY) + 1)).toBe(DAY)
  })

  it('is the last closed one exactly while it is closed and the next one is not', () => {
    const anyTime = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })
    const isLast = (day: number, at: number) => dayClosesAtMs(day) < at && dayClosesAtMs(day + 1) >= at
    fc.assert(fc.property(anyTime, (at) => isLast(lastClosedDay(at), at)))
  })

  it('has its raw events until it is over 400 days old', () => {
    expect(lastDroppedDay((DAY + RAW_DAYS) * DAY_MS)).toBe(DAY - 1)
    expect(lastDroppedDay((DAY + RAW_DAYS + 1) * DAY_MS)).toBe(DAY)
  })
})

describe('the cut of a rebuild', () => {
  const tailMs = DAY * DAY_MS + DAY_MS / 2
  const lastBefore = { offset: 70, appendedAtMs: tailMs - 1000 }
  // offsets   60 ..... 70 ...................... 80 .. 100
  //           the past | heartbeats, not stored  | the tail
  it.each([
    ['just after the past, so that the heartbeats since come again', lastBefore, 80, true, 71],
    ['there too when only heartbeats came since', lastBefore, null, true, 71],
    ['where the log begins, when the store has nothing of it from before', null, 80, true, 60],
    ['there too when the log has nothing but heartbeats', null, null, true, 60],
    ['the end of the store, when all that it has of the log is from before', null, null, false, 100],
  ])('is %s', (_, before, firstSince, isReached, next) => {
    const tail = { lastBefore: before, firstSince, isReached }
    const cut = rebuildCut({ first: 60, position: 100, sealedThrough: null, tail, tailMs })
    expect([cut.next, cut.sealedThrough]).toEqual([next, -1])
  })

  it('is never past what the store holds, though rows of an insert under way are there', () => {
    const tail = { lastBefore: { ...lastBefore, offset: 120 }, firstSince: 121, isReached: true }
    expect(rebuildCut({ first: 60, position: 100, sealedThrough: null, tail, tailMs }).next).toBe(100)
  })

  it('takes a sealed day only when it was closed at the tail, so that no event of it comes again', () => {
    const tail = { lastBefore, firstSince: 80, isReached: true }
    const at = (sealedThrough: number) =>
      rebuildCut({ first: 60, position: 100, sealedThrough, tail, tailMs }).sealedThrough
    // Noon of DAY: day DAY-5 closed a day ago, day DAY-4 closes at this very instant and is not closed yet.
    expect([at(DAY - 9), at(DAY - 5), at(DAY - 4), at(DAY)]).toEqual([DAY - 9, DAY - 5, DAY - 5, DAY - 5])
  })

  it('takes all sealed days when no stored event comes again', () => {
    const tail = { lastBefore, firstSince: null, isReached: true }
    expect(rebuildCut({ first: 60, position: 100, sealedThrough: DAY, tail, tailMs }).sealedThrough).toBe(DAY)
  })

  it('remembers ids from before the cut, however long ago that was', () => {
    const longAgo = { offset: 70, appendedAtMs: tailMs - 10 * DAY_MS }
    const of = (sealedThrough: number, tail: StoredTail) =>
      rebuildCut({ first: 60, position: 100, sealedThrough, tail, tailMs }).rememberedAfter
    expect(of(DAY - 5, { lastBefore, firstSince: 80, isReached: true })).toBe(DAY - 5 - 7)
    expect(of(DAY - 5, { lastBefore: longAgo, firstSince: null, isReached: false })).toBe(DAY - 15 - 7)
  })
})

describe('seeds', () => {
  it('put a sealed day into its day, both weeks, month, year and total', () => {
    const numbers = { pageviews: 5, visits: 3, visitors: 2 }
    const { counters, views, newIds, streamTimeMs } = seedOperations(
      [{ site: 'demo', day: DAY, ...numbers }],
      [{ site: 'demo', path: '/a', delta: 4 }],
    )
    // 2025-11-24, a Monday
    const buckets = ['d2025-11-24', 'wm2025-11-24', 'ws2025-11-23', 'm2025-11', 'y2025', 't']
    expect(counters).toEqual(buckets.map((bucket) => ({ site: 'demo', bucket, ...numbers })))
    expect(views).toEqual([{ site: 'demo', path: '/a', delta: 4 }])
    expect([newIds.length, streamTimeMs]).toEqual([0, 0])
  })
})
