import { pause } from './until.js'

const CANDIDATES = ['Asia/Ho_Chi_Minh', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'Asia/Tokyo']

function minutesOfDay(atMs: number, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(atMs)
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  return (hour % 24) * 60 + minute
}

const distance = (a: number, b: number) => Math.min(Math.abs(a - b), 1440 - Math.abs(a - b))

/**
 * Waits for a moment well inside a second, so that what is sent now is received in the second in which it was sent:
 * a recount of it then has one answer.
 */
export async function insideSecond(): Promise<void> {
  const ms = Date.now() % 1000
  if (ms > 800) await pause(1000 - ms + 5)
}

/**
 * A time zone in which neither midnight nor four in the morning (where online ids turn) is within `marginMinutes`, so
 * that a test with the real clock has one day on every machine and at every hour.
 */
export function calmTimeZone(atMs: number = Date.now(), marginMinutes = 60): string {
  const isCalm = (timeZone: string) =>
    [0, 240].every((turn) => distance(minutesOfDay(atMs, timeZone), turn) >= marginMinutes)
  const calm = CANDIDATES.find(isCalm)
  if (calm === undefined) throw new Error(`no time zone is ${marginMinutes} minutes away from its midnight`)
  return calm
}
