import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketsOf,
  dayBucket,
  daysOfPeriod,
  firstDayOfPeriod,
  lastDayOfPeriod,
  monthBucket,
  TOTAL_BUCKET,
  weekBucket,
  yearBucket,
  type Period,
} from './bucket.js'
import type { WeekStart } from '../site/site.js'
import { isoDate, parseIsoDate } from './day.js'

const day = (date: string): number => parseIsoDate(date)!

describe('the buckets of a day', () => {
  // 2020-12-31 and 2026-12-31 are Thursdays: both years have an ISO week 53 that New Year falls into.
  it.each`
    date            | weekMonday        | weekSunday        | month         | year
    ${'2020-12-27'} | ${'wm2020-12-21'} | ${'ws2020-12-27'} | ${'m2020-12'} | ${'y2020'}
    ${'2020-12-28'} | ${'wm2020-12-28'} | ${'ws2020-12-27'} | ${'m2020-12'} | ${'y2020'}
    ${'2020-12-31'} | ${'wm2020-12-28'} | ${'ws2020-12-27'} | ${'m2020-12'} | ${'y2020'}
    ${'2021-01-01'} | ${'wm2020-12-28'} | ${'ws2020-12-27'} | ${'m2021-01'} | ${'y2021'}
    ${'2021-01-02'} | ${'wm2020-12-28'} | ${'ws2020-12-27'} | ${'m2021-01'} | ${'y2021'}
    ${'2021-01-03'} | ${'wm2020-12-28'} | ${'ws2021-01-03'} | ${'m2021-01'} | ${'y2021'}
    ${'2021-01-04'} | ${'wm2021-01-04'} | ${'ws2021-01-03'} | ${'m2021-01'} | ${'y2021'}
    ${'2024-02-29'} | ${'wm2024-02-26'} | ${'ws2024-02-25'} | ${'m2024-02'} | ${'y2024'}
    ${'2026-12-31'} | ${'wm2026-12-28'} | ${'ws2026-12-27'} | ${'m2026-12'} | ${'y2026'}
    ${'2027-01-01'} | ${'wm2026-12-28'} | ${'ws2026-12-27'} | ${'m2027-01'} | ${'y2027'}
    ${'2027-01-03'} | ${'wm2026-12-28'} | ${'ws2027-01-03'} | ${'m2027-01'} | ${'y2027'}
  `('are those that hold $date', ({ date, ...expected }: Record<string, string>) => {
    expect(bucketsOf(day(date!))).toEqual({ ...expected, day: `d${date}`, total: 't' })
  })

  it('are the same object for the same day', () => {
    expect(bucketsOf(day('2026-11-24'))).toBe(bucketsOf(day('2026-11-24')))
  })

  it('agree with each bucket alone, cached or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: day('1960-01-01'), max: day('2100-01-01') }), (d) => {
        expect(bucketsOf(d)).toEqual({
          day: dayBucket(d),
          weekMonday: weekBucket(d, 'monday'),
          weekSunday: weekBucket(d, 'sunday'),
          month: monthBucket(d),
          year: yearBucket(d),
          total: TOTAL_BUCKET,
        })
      }),
    )
  })
})

function name(period: Period, d: number, weekStart: WeekStart): string {
  if (period === 'week') return weekBucket(d, weekStart)
  return period === 'month' ? monthBucket(d) : yearBucket(d)
}

describe('a period', () => {
  it.each`
    period     | date            | weekStart   | from            | last
    ${'week'}  | ${'2021-01-01'} | ${'monday'} | ${'2020-12-28'} | ${'2021-01-03'}
    ${'week'}  | ${'2021-01-01'} | ${'sunday'} | ${'2020-12-27'} | ${'2021-01-02'}
    ${'week'}  | ${'2021-01-03'} | ${'sunday'} | ${'2021-01-03'} | ${'2021-01-09'}
    ${'week'}  | ${'2026-11-23'} | ${'monday'} | ${'2026-11-23'} | ${'2026-11-29'}
    ${'month'} | ${'2024-02-29'} | ${'monday'} | ${'2024-02-01'} | ${'2024-02-29'}
    ${'month'} | ${'2026-02-01'} | ${'monday'} | ${'2026-02-01'} | ${'2026-02-28'}
    ${'month'} | ${'2026-12-31'} | ${'sunday'} | ${'2026-12-01'} | ${'2026-12-31'}
    ${'year'}  | ${'2024-02-29'} | ${'monday'} | ${'2024-01-01'} | ${'2024-12-31'}
  `('$period of $date with weeks from $weekStart runs from $from to $last', (row) => {
    const d = day(row.date)
    expect(daysOfPeriod(row.period, d, row.weekStart)).toEqual({ fromDay: day(row.from), toDay: d })
    expect(isoDate(lastDayOfPeriod(row.period, d, row.weekStart))).toBe(row.last)
  })

  it('holds exactly the days that share its bucket', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Period>('week', 'month', 'year'),
        fc.constantFrom<WeekStart>('monday', 'sunday'),
        fc.integer({ min: day('1999-01-01'), max: day('2099-01-01') }),
        (period, weekStart, d) => {
          const first = firstDayOfPeriod(period, d, weekStart)
          const last = lastDayOfPeriod(period, d, weekStart)
          const bucket = name(period, d, weekStart)
          expect(first <= d && d <= last).toBe(true)
          expect([name(period, first, weekStart), name(period, last, weekStart)]).toEqual([bucket, bucket])
          expect(name(period, first - 1, weekStart)).not.toBe(bucket)
          expect(name(period, last + 1, weekStart)).not.toBe(bucket)
        },
      ),
    )
  })

  it('is at least a day, a month or a year long as the calendar says', () => {
    expect(lastDayOfPeriod('year', day('2024-05-05'), 'monday') - day('2024-01-01')).toBe(365)
    expect(lastDayOfPeriod('year', day('2100-05-05'), 'monday') - day('2100-01-01')).toBe(364)
  })
})
