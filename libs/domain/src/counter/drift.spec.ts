import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recount } from '../../testing/recount.js'
import { streams } from '../../testing/event-stream.js'
import { bucketsOf } from '../calendar/bucket.js'
import {
  bucketDrifts,
  bucketsOfDays,
  DRIFT_PERIODS,
  type DriftPeriod,
  largestDrifts,
  storeCut,
  viewDrifts,
} from './drift.js'
import { dayClosesAtMs } from './expiry.js'
import type { DayNumbers } from './operations.js'

const site = 'aa'
const number = fc.integer({ min: 0, max: 1000 })
const day = fc.record({
  site: fc.constant(site),
  day: fc.integer({ min: 20_000, max: 21_000 }),
  pageviews: number,
  visits: number,
  visitors: number,
})
const days: fc.Arbitrary<DayNumbers[]> = fc.uniqueArray(day, {
  selector: (one) => one.day,
  minLength: 1,
  maxLength: 30,
})
const period = (bucket: string): DriftPeriod =>
  ({ d: 'day', wm: 'week', ws: 'week', m: 'month', y: 'year', t: 'total' } as const)[
    /^[a-z]+/.exec(bucket)![0] as 'd' | 'wm' | 'ws' | 'm' | 'y' | 't'
  ]
const NONE = { day: 0, week: 0, month: 0, year: 0, total: 0, views: 0 }

describe('the drift of counters', () => {
  it('is none between the numbers of days and a brute-force recount of all buckets', () => {
    fc.assert(
      fc.property(streams({ maxLength: 60, sites: [site] }), (events) => {
        const { buckets, views } = recount(events, site)
        const numbers = [...buckets]
          .filter(([bucket]) => bucket.startsWith('d'))
          .map(([bucket, values]) => ({ site, day: Date.parse(bucket.slice(1)) / 86_400_000, ...values }))
        expect(bucketsOfDays(numbers)).toEqual(buckets)
        expect(bucketDrifts(site, buckets, bucketsOfDays(numbers))).toEqual([])
        expect(viewDrifts(site, views, views)).toEqual([])
      }),
    )
  })

  it('is exactly the one counter that was changed, by its period and as large as the change', () => {
    const change = fc.integer({ min: -50, max: 50 }).filter((by) => by !== 0)
    fc.assert(
      fc.property(
        days,
        fc.nat(),
        fc.constantFrom('pageviews', 'visits', 'visitors'),
        change,
        (numbers, at, unit, by) => {
          const stored = bucketsOfDays(numbers)
          const counted = new Map(stored)
          const bucket = [...counted.keys()][at % counted.size]!
          const values = counted.get(bucket)!
          counted.set(bucket, { ...values, [unit]: values[unit] + by })
          const drifts = bucketDrifts(site, counted, stored)
          const [was, is] = [values[unit], values[unit] + by]
          expect(drifts).toEqual([{ site, period: period(bucket), of: bucket, unit, counted: is, stored: was }])
          expect(largestDrifts(drifts)).toEqual({ ...NONE, [period(bucket)]: Math.abs(by) })
        },
      ),
    )
  })

  it('is in every period but views when the store lacks a day', () => {
    fc.assert(
      fc.property(days, (numbers) => {
        const [lost, ...left] = numbers
        fc.pre(lost!.pageviews > 0)
        const drifts = bucketDrifts(site, bucketsOfDays(numbers), bucketsOfDays(left))
        const inPageviews = drifts.filter(({ unit }) => unit === 'pageviews')
        expect(inPageviews.map(({ of }) => of).sort()).toEqual(Object.values(bucketsOf(lost!.day)).sort())
        for (const one of inPageviews) expect(one.counted - one.stored).toBe(lost!.pageviews)
      }),
    )
  })

  it('is counted for a path on either side, and the largest of many is told', () => {
    const counted = new Map([
      ['/a', 5],
      ['/b', 0],
      ['/c', 2],
    ])
    const drifts = viewDrifts(
      site,
      counted,
      new Map([
        ['/b', 4],
        ['/c', 2],
      ]),
    )
    expect(drifts.map(({ of, counted, stored }) => [of, counted, stored])).toEqual([
      ['/a', 5, 0],
      ['/b', 0, 4],
    ])
    expect(largestDrifts(drifts)).toEqual({ ...NONE, views: 5 })
    expect(Object.keys(largestDrifts([]))).toEqual(DRIFT_PERIODS)
  })
})

it('a cut takes a day as sealed only a whole day after nothing can reach it any more', () => {
  const closesAtMs = dayClosesAtMs(20_000) + 86_400_000
  expect(storeCut({ next: 7, asOfMs: closesAtMs })).toEqual({ before: 7, closedThrough: 19_999 })
  expect(storeCut({ next: 7, asOfMs: closesAtMs + 1 }).closedThrough).toBe(20_000)
})
