/** A civil date of the proleptic Gregorian calendar; `month` and `dayOfMonth` start at 1. */
export interface CivilDate {
  readonly year: number
  readonly month: number
  readonly dayOfMonth: number
}

const DAYS_PER_ERA = 146_097
/** Days from 0000-03-01, where the arithmetic starts its years, to 1970-01-01. */
const EPOCH_SHIFT = 719_468

/** Days since 1970-01-01 of a civil date. The date must exist: see `parseIsoDate` for text that may not. */
export function dayOf(year: number, month: number, dayOfMonth: number): number {
  // Years that begin in March put the leap day last, so no month needs a case of its own.
  const marchYear = month > 2 ? year : year - 1
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + dayOfMonth - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_SHIFT
}

/** The civil date of a day number; the inverse of `dayOf`. */
export function civil(day: number): CivilDate {
  const shifted = day + EPOCH_SHIFT
  const era = Math.floor(shifted / DAYS_PER_ERA)
  const dayOfEra = shifted - era * DAYS_PER_ERA
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  }
}

/** 0 = Monday ... 6 = Sunday. */
export function weekday(day: number): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7
}

/** `2026-11-24`, for the years 0-9999. */
export function isoDate(day: number): string {
  const { year, month, dayOfMonth } = civil(day)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** The day number of `2026-11-24`; null when the text has another form or the date does not exist. */
export function parseIsoDate(text: string): number | null {
  const parts = ISO_DATE.exec(text)
  if (parts === null) return null
  const month = Number(parts[2])
  if (month < 1 || month > 12) return null
  const day = dayOf(Number(parts[1]), month, Number(parts[3]))
  return isoDate(day) === text ? day : null
}
