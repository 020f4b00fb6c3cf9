/**
 * Points of one key, folded. A stretch is a maximal row of points with no gap over the *grain*, the smallest timeout
 * that can ever be stamped (300 s for visits, 1,800 s for views of a path). Inside a stretch no point, present or yet
 * to come, can start a run, whatever its timeout; so keeping only the stretches loses nothing, in any order of arrival.
 *
 *     grain      <--->
 *     points   x  x x    x          xx
 *     stretch  [----]    [          []      start, length, and the timeout of its first point
 *     run      [---------           []      a stretch starts a run if the gap before it is over that timeout
 *
 * One stretch is one number below 2^48, `start * 2^30 + length * 2^12 + timeout`, so it fits a Float64Array
 * and sorts by start. Starts are seconds since `dayBase(day)`.
 */
export type Stretch = number

/** Sorted by start; never changed in place. */
export type Stretches = readonly Stretch[]

export const NO_STRETCHES: Stretches = []

/** The smallest `visitTimeoutSeconds` a site may have (contract section 1). */
export const VISIT_GRAIN_SECONDS = 300
/** The timeout of views of a path (contract section 1). */
export const VIEWS_TIMEOUT_SECONDS = 1800

const LENGTH = 2 ** 12
const START = 2 ** 30
const SECONDS_LIMIT = 2 ** 18

/** First second, since the epoch, that any zone (up to UTC+14) gives to this local day. */
export function dayBase(day: number): number {
  return day * 86_400 - 14 * 3600
}

/** Whether `t` can lie in that local day in some zone (UTC+14 to UTC-12, and an hour of summer time). */
export function isWithinDay(day: number, t: number): boolean {
  const second = t - dayBase(day)
  return second >= 0 && second < 51 * 3600
}

function stretch(start: number, length: number, timeout: number): Stretch {
  return start * START + length * LENGTH + timeout
}

function startOf(s: Stretch): number {
  return Math.floor(s / START)
}

function endOf(s: Stretch): number {
  return Math.floor(s / START) + (Math.floor(s / LENGTH) % SECONDS_LIMIT)
}

function timeoutOf(s: Stretch): number {
  return s % LENGTH
}

/**
 * Adds one point. Returns the very same array when the point changes nothing.
 * `at` in seconds since `dayBase`, below 2^18; `timeout` in seconds, from `grain` to 4,095. Of points in the same
 * second, the smallest timeout is taken to come first, so that the order of arrival cannot matter.
 */
export function addPoint(stretches: Stretches, at: number, timeout: number, grain: number): Stretches {
  let after = stretches.length
  while (after > 0 && startOf(stretches[after - 1]!) > at) after--
  const before = after - 1
  const previous = stretches[before]
  const next = stretches[after]
  if (previous !== undefined && at <= endOf(previous)) {
    if (at > startOf(previous) || timeout >= timeoutOf(previous)) return stretches
    return replaced(stretches, before, 1, previous - timeoutOf(previous) + timeout)
  }
  const joinsPrevious = previous !== undefined && at - endOf(previous) <= grain
  const joinsNext = next !== undefined && startOf(next) - at <= grain
  const end = joinsNext ? endOf(next) : at
  if (joinsPrevious) {
    const start = startOf(previous)
    return replaced(stretches, before, joinsNext ? 2 : 1, stretch(start, end - start, timeoutOf(previous)))
  }
  return replaced(stretches, after, joinsNext ? 1 : 0, stretch(at, end - at, timeout))
}

function replaced(stretches: Stretches, from: number, count: number, by: Stretch): Stretches {
  if (stretches.length === count) return [by]
  const result = stretches.slice()
  result.splice(from, count, by)
  return result
}

/** The run rule (contract section 1): how many points start a run. */
export function countRuns(stretches: Stretches): number {
  let runs = Math.min(stretches.length, 1)
  for (let i = 1; i < stretches.length; i++) {
    const s = stretches[i]!
    if (startOf(s) - endOf(stretches[i - 1]!) > timeoutOf(s)) runs++
  }
  return runs
}
