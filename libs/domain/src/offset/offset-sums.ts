import { bucketsOf } from '../calendar/bucket.js'
import type { WeekStart } from '../site/site.js'
import { CALENDAR_NUMBERS, type CalendarNumber, slotBuckets, slotOf } from '../snapshot/snapshot.js'
import type { OffsetLine } from './offset-entry.js'

/** What the offset entries of a site come to, by bucket and by path: what a reader adds to the counters. */
export interface OffsetSums {
  /** Sum of the entries of a bucket, named as the counters name it; 0 when it has none. */
  ofBucket(bucket: string): number
  ofPath(path: string): number
}

export const NO_OFFSETS: OffsetSums = { ofBucket: () => 0, ofPath: () => 0 }

/**
 * Offset entries folded as they come, so that a reader asks for a sum and never sees the entries. An entry belongs to the
 * bucket of its creation only (contract section 5): a `week` entry to the week that holds its day, for both week starts,
 * since `weekStart` applies when reading. A `today` entry is in no week, month or year.
 */
export class OffsetFold implements OffsetSums {
  private readonly buckets = new Map<string, number>()
  private readonly paths = new Map<string, number>()

  ofBucket(bucket: string): number {
    return this.buckets.get(bucket) ?? 0
  }

  ofPath(path: string): number {
    return this.paths.get(path) ?? 0
  }

  /** `day` is the local day of the entry's creation. */
  add(line: OffsetLine, day: number): void {
    this.change(line, day, line.add)
  }

  /** Takes back what `add` did. */
  reverse(line: OffsetLine, day: number): void {
    this.change(line, day, -line.add)
  }

  private change(line: OffsetLine, day: number, by: number): void {
    if (line.field === 'views') raise(this.paths, line.path, by)
    else for (const bucket of bucketsOfField(line.field, day)) raise(this.buckets, bucket, by)
  }
}

/** The calendar numbers at the local day `day` in which a line of an entry of `entryDay` is; none when its period is over. */
export function numbersHolding(
  line: OffsetLine,
  entryDay: number,
  day: number,
  weekStart: WeekStart,
): readonly CalendarNumber[] {
  if (line.field === 'views') return []
  const holding = bucketsOfField(line.field, entryDay)
  const shown = slotBuckets(day)
  return CALENDAR_NUMBERS.filter((number) => holding.includes(shown[slotOf(number, weekStart)]))
}

/** The buckets that an entry of this field and day adds to. */
function bucketsOfField(field: Exclude<OffsetLine['field'], 'views'>, day: number): readonly string[] {
  const buckets = bucketsOf(day)
  switch (field) {
    case 'today':
      return [buckets.day]
    case 'week':
      return [buckets.weekMonday, buckets.weekSunday]
    case 'month':
      return [buckets.month]
    case 'year':
      return [buckets.year]
    case 'total':
      return [buckets.total]
  }
}

function raise(sums: Map<string, number>, key: string, by: number): void {
  const sum = (sums.get(key) ?? 0) + by
  if (sum === 0) sums.delete(key)
  else sums.set(key, sum)
}
