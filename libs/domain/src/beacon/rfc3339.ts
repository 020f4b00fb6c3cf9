const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/i
const MINUTE_MS = 60_000

type DateTime = [year: number, month: number, day: number, hour: number, minute: number, second: number]

/**
 * Milliseconds since the epoch of an RFC 3339 date-time, whose zone is required; finer fractions are cut, null when it is
 * none. Strict: dates that exist, hours to 23, `T` between date and time. Second 60 is taken only where a leap second
 * can be (23:59:60 UTC at the end of June or December) and read as second 59, so that it stays in its day.
 */
export function parseRfc3339(text: string): number | null {
  const parts = RFC_3339.exec(text)
  if (parts === null) return null
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as DateTime
  const dayMs = dayStartMs(year, month, day)
  const offsetMs = offsetMinutes(parts) * MINUTE_MS
  if (dayMs === null || hour > 23 || minute > 59 || second > 60 || Number.isNaN(offsetMs)) return null
  const minuteMs = dayMs + (hour * 60 + minute) * MINUTE_MS - offsetMs
  if (second === 60 && !endsWithLeapSecond(minuteMs)) return null
  return minuteMs + Math.min(second, 59) * 1000 + fractionMs(parts[7])
}

/** Null where the calendar has no such date. Date.UTC would take the years 0-99 for 1900-1999. */
function dayStartMs(year: number, month: number, day: number): number | null {
  const date = new Date(0)
  const dayMs = date.setUTCFullYear(year, month - 1, day)
  // A day that the month has not falls into another month.
  return date.getUTCMonth() === month - 1 ? dayMs : null
}

/** East is positive; NaN when out of range. */
function offsetMinutes(parts: RegExpExecArray): number {
  if (parts[8] === undefined) return 0
  const hours = Number(parts[9])
  const minutes = Number(parts[10])
  if (hours > 23 || minutes > 59) return Number.NaN
  return (parts[8] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

function fractionMs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 3).padEnd(3, '0'))
}

function endsWithLeapSecond(minuteMs: number): boolean {
  const next = new Date(minuteMs + MINUTE_MS)
  const midnight = next.getUTCHours() === 0 && next.getUTCMinutes() === 0
  return midnight && next.getUTCDate() === 1 && (next.getUTCMonth() === 0 || next.getUTCMonth() === 6)
}
