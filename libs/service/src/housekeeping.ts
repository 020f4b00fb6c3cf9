import type { Logger } from 'pino'
import { type Clock, systemClock } from '#ports'

const FIRST_AFTER_MS = 5000
const EVERY_MS = 60_000
const DAY_MS = 24 * 3600 * 1000

/** What is done about every minute, from soon after the start on. */
export interface Chore {
  /** For the log, when it fails; then its next turn comes all the same. */
  readonly failure: string
  work(nowMs: number): Promise<void>
}

/** Does the chores one after another, each minute and at noon UTC to the second: that is when salts are destroyed. */
export function startHousekeeping(
  chores: readonly Chore[],
  logger: Logger,
  clock: Clock = systemClock,
): { close(): Promise<void> } {
  let timer: NodeJS.Timeout
  let turn: Promise<void> = Promise.resolve()
  let closed = false
  const schedule = (waitMs: number) => {
    timer = setTimeout(() => {
      const startedMs = clock.now()
      turn = doAll(chores, logger, clock).finally(() => closed || schedule(waitAfter(startedMs, clock.now())))
    }, waitMs)
  }
  schedule(Math.min(FIRST_AFTER_MS, untilNoonMs(clock.now())))
  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await turn
    },
  }
}

/** A turn that began before noon, be it because its timer was a millisecond early, and ended after it, is followed by noon's at once. */
function waitAfter(startedMs: number, endedMs: number): number {
  return Math.max(0, Math.min(EVERY_MS, startedMs + untilNoonMs(startedMs) - endedMs))
}

async function doAll(chores: readonly Chore[], logger: Logger, clock: Clock): Promise<void> {
  for (const { failure, work } of chores) {
    await work(clock.now()).catch((error: unknown) => logger.error({ error: String(error) }, failure))
  }
}

/** Until the next 12:00 UTC; never 0, so that noon itself has its turn once. */
export function untilNoonMs(nowMs: number): number {
  return DAY_MS - ((((nowMs - DAY_MS / 2) % DAY_MS) + DAY_MS) % DAY_MS)
}
