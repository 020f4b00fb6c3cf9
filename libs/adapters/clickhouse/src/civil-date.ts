import { isoDate } from '#domain'

/** The last day that a `Date` can hold, 2149-06-06. */
const LAST_DAY = 0xffff

/** `YYYY-MM-DD` of a day number, the nearest one that the store's dates can hold. */
export function civilDate(day: number): string {
  return isoDate(Math.min(Math.max(day, 0), LAST_DAY))
}
