import type { CounterValues } from '../counter/operations.js'
import { type SnapshotSlot, slotBuckets, SNAPSHOT_SLOTS, type SlotValues, slotsOf, type Snapshot } from './snapshot.js'

/** Numbers whose `asOf` is older are marked stale (contract section 4). */
export const STALE_AFTER_MS = 60_000

export function isStale(asOfMs: number, nowMs: number): boolean {
  return nowMs - asOfMs > STALE_AFTER_MS
}

/**
 * Whether counters that now say `asOfMs` have lost something that `last` had: they were rolled back or are being rebuilt,
 * and their numbers would fall. An `asOf` ahead of the clock proves nothing (the clock was set back), nor does the store's.
 */
export function isRolledBack(last: Snapshot | null, asOfMs: number, nowMs: number): boolean {
  return last !== null && last.online !== null && last.asOfMs <= nowMs && asOfMs < last.asOfMs
}

/** Whether the last known snapshot lacks nothing of the local day: nobody else has to be asked. */
export function isWholeFor(last: Snapshot | null, day: number): last is Snapshot {
  return last !== null && last.online !== null && last.day === day
}

/**
 * The last known snapshot, and from the store what it lacks at the local day (contract section 4): buckets that began
 * after it, or all of them. Of a bucket that both know, the larger value holds: either may be behind the log, neither is
 * ahead of it. Larger values of two ordered sets are ordered, so today <= week and month <= year <= total hold.
 */
export function completedFromStore(
  last: Snapshot | null,
  stored: { readonly values: readonly CounterValues[]; readonly asOfMs: number },
  day: number,
): Snapshot {
  const fromStore = slotsOf(stored.values)
  if (last === null) return { day, asOfMs: stored.asOfMs, online: null, values: fromStore }
  const known = valuesByBucket(last)
  const names = slotBuckets(day)
  const values = SNAPSHOT_SLOTS.map((slot) => larger(known.get(names[slot]), fromStore[slot]))
  return {
    day,
    asOfMs: last.online === null ? stored.asOfMs : last.asOfMs,
    online: last.online,
    values: slotsOf(values),
  }
}

/** Whether two snapshots say the same, apart from when it was true. */
export function isSameNumbers(a: Snapshot, b: Snapshot): boolean {
  return a.day === b.day && a.online === b.online && SNAPSHOT_SLOTS.every((slot) => isSame(a.values, b.values, slot))
}

function isSame(a: SlotValues, b: SlotValues, slot: SnapshotSlot): boolean {
  const left = a[slot]
  const right = b[slot]
  return left.pageviews === right.pageviews && left.visits === right.visits && left.visitors === right.visitors
}

function valuesByBucket(snapshot: Snapshot): Map<string, CounterValues> {
  const names = slotBuckets(snapshot.day)
  return new Map(SNAPSHOT_SLOTS.map((slot) => [names[slot], snapshot.values[slot]]))
}

function larger(known: CounterValues | undefined, stored: CounterValues): CounterValues {
  if (known === undefined) return stored
  return {
    pageviews: Math.max(known.pageviews, stored.pageviews),
    visits: Math.max(known.visits, stored.visits),
    visitors: Math.max(known.visitors, stored.visitors),
  }
}
