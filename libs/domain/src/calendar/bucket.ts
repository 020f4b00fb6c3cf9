import type { WeekStart } from '../site/site.js'
import { civil, dayOf, isoDate, weekday } from './day.js'

/** The calendar slots that one local day adds to (contract section 1, Calendar). Weeks of both starts are always kept. */
export interface Buckets {
  readonly day: string
  readonly weekMonday: string
  readonly weekSunday: string
  readonly month: string
  readonly year: string
  readonly total: string
}

/** A period with a first day; `today` and `total` need none. */
export type Period = 'week' | 'month' | 'year'

/** Local days `fromDay <= day <= toDay`. */
export interface DaySpan {
  readonly fromDay: number
  readonly toDay: number
}

export const TOTAL_BUCKET = 't'

/** `d2026-11-24`. */
export function dayBucket(day: number): string {
  return `d${isoDate(day)}`
}

/** `wm2026-11-23` or `ws2026-11-22`: a week is named by its first day, so no week number can be ambiguous at New Year. */
export function weekBucket(day: number, weekStart: WeekStart): string {
  return `${weekStart === 'monday' ? 'wm' : 'ws'}${isoDate(firstDayOfPeriod('week', day, weekStart))}`
}

/** `m2026-11`. */
export function monthBucket(day: number): string {
  return `m${isoDate(day).slice(0, 7)}`
}

/** `y2026`. */
export function yearBucket(day: number): string {
  return `y${isoDate(day).slice(0, 4)}`
}

/** A power of two: about 11 years of days, each in the place `day mod CACHED_DAYS`. */
const CACHED_DAYS = 4096
const cachedDays = new Float64Array(CACHED_DAYS).fill(Number.NaN)
const cachedBuckets: Buckets[] = []

/** All buckets of a local day. Cached, and the same object for the same day while it is. */
export function bucketsOf(day: number): Buckets {
  const place = day & (CACHED_DAYS - 1)
  if (cachedDays[place] === day) return cachedBuckets[place]!
  const buckets: Buckets = {
    day: dayBucket(day),
    weekMonday: weekBucket(day, 'monday'),
    weekSunday: weekBucket(day, 'sunday'),
    month: monthBucket(day),
    year: yearBucket(day),
    total: TOTAL_BUCKET,
  }
  cachedDays[place] = day
  cachedBuckets[place] = buckets
  return buckets
}

/** The days of the period that holds `day`, up to and with `day`: week, month or year to date. */
export function daysOfPeriod(period: Period, day: number, weekStart: WeekStart): DaySpan {
  return { fromDay: firstDayOfPeriod(period, day, weekStart), toDay: day }
}

/** First day of the period that holds `day`. */
export function firstDayOfPeriod(period: Period, day: number, weekStart: WeekStart): number {
  if (period === 'week') return day - (weekStart === 'monday' ? weekday(day) : (weekday(day) + 1) % 7)
  const { year, month } = civil(day)
  return dayOf(year, period === 'month' ? month : 1, 1)
}

/** Last day of the period that holds `day`. */
export function lastDayOfPeriod(period: Period, day: number, weekStart: WeekStart): number {
  if (period === 'week') return firstDayOfPeriod('week', day, weekStart) + 6
  const { year, month } = civil(day)
  return (period === 'year' || month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1)) - 1
}
