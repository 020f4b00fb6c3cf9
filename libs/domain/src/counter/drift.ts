import { lastClosedDay } from './expiry.js'
import { addCounts, type CounterValues, type DayNumbers, NO_COUNTS, UNITS } from './operations.js'
import { countersOf } from './reducer.js'

/** What counters drift in: the kinds of bucket, and the views of paths. */
export const DRIFT_PERIODS = ['day', 'week', 'month', 'year', 'total', 'views'] as const
export type DriftPeriod = (typeof DRIFT_PERIODS)[number]

/** One counter that is not what the store says it should be. */
export interface Drift {
  readonly site: string
  readonly period: DriftPeriod
  /** The bucket, or the path. */
  readonly of: string
  readonly unit: keyof CounterValues | 'views'
  readonly counted: number
  readonly stored: number
}

/** Where counters and store are compared: what lies before one offset. */
export interface StoreCut {
  readonly before: number
  /** Days up to and with this one may be taken as sealed: nothing from `before` on reaches them. */
  readonly closedThrough: number
}

/** Everything that the store holds. */
export const WHOLE_STORE: StoreCut = { before: Number.MAX_SAFE_INTEGER, closedThrough: Number.MAX_SAFE_INTEGER }

/** `asOf` may be a clock of ours and append times are the log's: they differ by less than this. */
const CLOCKS_DIFFER_MS = 24 * 3600 * 1000

/**
 * The cut at which a reading of the counters was made. A day that was sealed since then may have grown after the cut, so
 * only what was closed at the cut is taken as sealed.
 */
export function storeCut({ next, asOfMs }: { readonly next: number; readonly asOfMs: number }): StoreCut {
  return { before: next, closedThrough: lastClosedDay(asOfMs - CLOCKS_DIFFER_MS) }
}

/** What the counters of one site should be, by bucket. */
export function bucketsOfDays(days: readonly DayNumbers[]): Map<string, CounterValues> {
  const buckets = new Map<string, CounterValues>()
  for (const delta of days.flatMap(countersOf)) {
    buckets.set(delta.bucket, addCounts(buckets.get(delta.bucket) ?? NO_COUNTS, delta))
  }
  return buckets
}

/** Compares the counted buckets, each unit for itself; one that the store does not have should be 0. */
export function bucketDrifts(
  site: string,
  counted: ReadonlyMap<string, CounterValues>,
  stored: ReadonlyMap<string, CounterValues>,
): Drift[] {
  return [...counted].flatMap(([of, values]) => {
    const should = stored.get(of) ?? NO_COUNTS
    return UNITS.filter((unit) => values[unit] !== should[unit]).map((unit) => ({
      site,
      period: periodOf(of),
      of,
      unit,
      counted: values[unit],
      stored: should[unit],
    }))
  })
}

/** Compares the counted views of paths. */
export function viewDrifts(
  site: string,
  counted: ReadonlyMap<string, number>,
  stored: ReadonlyMap<string, number>,
): Drift[] {
  return [...counted]
    .map(([of, views]) => ({ counted: views, stored: stored.get(of) ?? 0, of }))
    .filter((one) => one.counted !== one.stored)
    .map((one) => ({ ...one, site, period: 'views', unit: 'views' }))
}

/** The largest drift of each period, by size; 0 where all are equal. */
export function largestDrifts(drifts: readonly Drift[]): Record<DriftPeriod, number> {
  const largest = { day: 0, week: 0, month: 0, year: 0, total: 0, views: 0 }
  for (const { period, counted, stored } of drifts) {
    largest[period] = Math.max(largest[period], Math.abs(counted - stored))
  }
  return largest
}

const PERIODS: Readonly<Record<string, DriftPeriod>> = { d: 'day', w: 'week', m: 'month', y: 'year', t: 'total' }

/** Buckets are named by their period's letter. */
function periodOf(bucket: string): DriftPeriod {
  return PERIODS[bucket[0]]!
}
