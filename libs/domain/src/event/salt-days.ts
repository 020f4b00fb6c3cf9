const DAY_MS = 24 * 3600 * 1000
const DAYS_BACK = 3
const DAYS_AHEAD = 7

/** 12:00 UTC of D+3: 48 h after D ended in the last zone (contract section 1, Visitor). */
export function saltDueAtMs(day: number): number {
  return (day + 3) * DAY_MS + 12 * 3600 * 1000
}

/** The days whose salts exist at that time, in order: 3 back to 7 ahead, without those that are destroyed. */
export function saltDays(nowMs: number): number[] {
  const today = Math.floor(nowMs / DAY_MS)
  const days = Array.from({ length: DAYS_BACK + 1 + DAYS_AHEAD }, (_, n) => today - DAYS_BACK + n)
  return days.filter((day) => saltDueAtMs(day) > nowMs)
}
