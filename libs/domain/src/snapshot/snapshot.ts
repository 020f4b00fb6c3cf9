import { bucketsOf, dayBucket, type DaySpan, daysOfPeriod } from '../calendar/bucket.js'
import { localDay } from '../calendar/zone.js'
import type { CounterValues } from '../counter/operations.js'
import type { OffsetSums } from '../offset/offset-sums.js'
import type { Site, WeekStart } from '../site/site.js'

/** The calendar slots of a snapshot. Weeks of both starts are kept, because a site's `weekStart` applies when reading. */
export const SNAPSHOT_SLOTS = ['today', 'yesterday', 'weekMonday', 'weekSunday', 'month', 'year', 'total'] as const
export type SnapshotSlot = (typeof SNAPSHOT_SLOTS)[number]
export type SlotValues = Readonly<Record<SnapshotSlot, CounterValues>>

/** The consistent set of numbers that a widget shows, with the time at which it was true; all units. */
export interface Snapshot {
  /** The local day that `today` is, days since 1970-01-01. */
  readonly day: number
  /** Everything in the log up to this instant is in the numbers, ms. */
  readonly asOfMs: number
  /** null = only the store was asked, which does not know who is online. */
  readonly online: number | null
  readonly values: SlotValues
}

/** What to ask the counters for. */
export interface SnapshotQuery {
  readonly day: number
  /** In the order of `SNAPSHOT_SLOTS`. */
  readonly buckets: readonly string[]
  /** Online ids with `onlineAfter < t <= onlineUntil`, seconds. */
  readonly onlineAfter: number
  readonly onlineUntil: number
}

/** Bucket of each slot at a local day. */
export function slotBuckets(day: number): Readonly<Record<SnapshotSlot, string>> {
  const { day: today, ...buckets } = bucketsOf(day)
  return { today, yesterday: dayBucket(day - 1), ...buckets }
}

/** What a site shows at `nowMs`: contract section 1, Calendar and the rows `online` and `hôm nay` to `tổng`. */
export function snapshotQuery(site: Pick<Site, 'timeZone' | 'onlineWindowSeconds'>, nowMs: number): SnapshotQuery {
  const now = Math.floor(nowMs / 1000)
  const day = localDay(site.timeZone, now)
  const names = slotBuckets(day)
  return {
    day,
    buckets: SNAPSHOT_SLOTS.map((slot) => names[slot]),
    onlineAfter: now - site.onlineWindowSeconds,
    onlineUntil: now,
  }
}

/** The counters' answer to a `snapshotQuery` of that day. */
export function snapshotOf(
  day: number,
  reading: { readonly buckets: readonly CounterValues[]; readonly online: number; readonly asOfMs: number },
): Snapshot {
  return { day, asOfMs: reading.asOfMs, online: reading.online, values: slotsOf(reading.buckets) }
}

/** Values in the order of `SNAPSHOT_SLOTS`, by slot. */
export function slotsOf(values: readonly CounterValues[]): SlotValues {
  return Object.fromEntries(SNAPSHOT_SLOTS.map((slot, n) => [slot, values[n]])) as Record<SnapshotSlot, CounterValues>
}

/** The local days of each slot up to `day`, in the order of `SNAPSHOT_SLOTS`: what the store is asked for. */
export function slotDays(day: number): DaySpan[] {
  return [
    { fromDay: day, toDay: day },
    { fromDay: day - 1, toDay: day - 1 },
    daysOfPeriod('week', day, 'monday'),
    daysOfPeriod('week', day, 'sunday'),
    daysOfPeriod('month', day, 'monday'),
    daysOfPeriod('year', day, 'monday'),
    { fromDay: 0, toDay: day },
  ]
}

/** The calendar numbers of a site, in the order of contract section 4. */
export const CALENDAR_NUMBERS = ['today', 'yesterday', 'week', 'month', 'year', 'total'] as const
export type CalendarNumber = (typeof CALENDAR_NUMBERS)[number]
export type CalendarNumbers = Readonly<Record<CalendarNumber, number>>

/** What a reader sees of a snapshot. */
export interface ShownNumbers extends CalendarNumbers {
  readonly online: number | null
}

/** Where each calendar number is read, in weeks that begin with `weekStart`. */
export function slotOf(number: CalendarNumber, weekStart: WeekStart): SnapshotSlot {
  if (number !== 'week') return number
  return weekStart === 'monday' ? 'weekMonday' : 'weekSunday'
}

/**
 * What is shown of a snapshot, in the site's unit and week: the counters plus the offset entries of the same buckets
 * (contract section 1). A number that was corrected down and then fell by a late event stops at 0.
 */
export function numbersOf(
  snapshot: Snapshot,
  site: Pick<Site, 'unit' | 'weekStart'>,
  offsets: OffsetSums,
): ShownNumbers {
  const { today, yesterday, week, month, year, total } = exactNumbers(snapshot, site, offsets)
  return {
    online: snapshot.online,
    today: Math.max(0, today),
    yesterday: Math.max(0, yesterday),
    week: Math.max(0, week),
    month: Math.max(0, month),
    year: Math.max(0, year),
    total: Math.max(0, total),
  }
}

/** The same without a stop at 0: what a new offset entry is reckoned from. */
export function exactNumbers(
  snapshot: Snapshot,
  site: Pick<Site, 'unit' | 'weekStart'>,
  offsets: OffsetSums,
): CalendarNumbers {
  const buckets = slotBuckets(snapshot.day)
  const exact = (number: CalendarNumber): number => {
    const slot = slotOf(number, site.weekStart)
    return snapshot.values[slot][site.unit] + offsets.ofBucket(buckets[slot])
  }
  return {
    today: exact('today'),
    yesterday: exact('yesterday'),
    week: exact('week'),
    month: exact('month'),
    year: exact('year'),
    total: exact('total'),
  }
}

/** Views of a path as shown: counted and carried over, never below 0. */
export function shownViews(path: string, counted: number, offsets: OffsetSums): number {
  return Math.max(0, counted + offsets.ofPath(path))
}
