import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayClosesAtMs, lastClosedDay, lastDroppedDay, RAW_DAYS } from './expiry.js'
import { rebuildCut, seedOperations } from './rebuild.js'

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
  const noon = DAY * DAY_MS + DAY_MS / 2
  // offsets  0 ........ first ........ recent .... position
  //          | log cut  |  the log gives it again  |
  it.each([
    ['the beginning of the tail', { recent: { offset: 80, appendedAtMs: noon }, first: 50 }, 80],
    ['where the log begins, when that is later', { recent: { offset: 80, appendedAtMs: noon }, first: 90 }, 90],
    ['the end of the store, when it has no tail', { recent: null, first: 50 }, 100],
  ])('is %s', (_, store, next) => {
    expect(rebuildCut({ position: 100, sealedThrough: null, ...store })).toEqual({ next, sealedThrough: -1 })
  })

  it('takes a sealed day only when it was closed at the cut, so that no event of it comes again', () => {
    const recent = { offset: 80, appendedAtMs: noon }
    const at = (sealedThrough: number) => rebuildCut({ position: 100, sealedThrough, recent, first: 0 }).sealedThrough
    // Noon of DAY: day DAY-5 closed a day ago, day DAY-4 closes at this very instant and is not closed yet.
    expect([at(DAY - 9), at(DAY - 5), at(DAY - 4), at(DAY)]).toEqual([DAY - 9, DAY - 5, DAY - 5, DAY - 5])
  })

  it('takes all sealed days when nothing comes again', () => {
    expect(rebuildCut({ position: 100, sealedThrough: DAY, recent: null, first: 0 }).sealedThrough).toBe(DAY)
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
