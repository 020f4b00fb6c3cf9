import type { Metrics } from '#metrics'
import type { Clock } from '#ports'

export interface SpoolOptions {
  /** Belongs to this process alone. */
  readonly folder: string
  /** Of the entries that wait; on disk it can be about twice as much until LevelDB has tidied up. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly metrics?: Metrics
  /** The log went away (and why) or is back; once a change. */
  readonly onAway?: (isAway: boolean, cause?: unknown) => void
  /** The spool's own disk cannot be read or tidied; it is tried again. */
  readonly onFailure?: (error: unknown) => void
  /**
   * Whether a site is known to be deleted: its entries are dropped instead of replayed, since its erasure in the log may be
   * long over by then. False when in doubt.
   */
  readonly isGone?: (siteId: string) => boolean
  /** Events replayed a second, at most. */
  readonly drainPerSecond?: number
  /** How long an append waits for the log before its entries go to the spool. */
  readonly appendLimitMs?: number
  /** A replay that takes longer is left behind and made again. */
  readonly replayLimitMs?: number
  /** Between two looks for a log that is away: the first wait, doubled up to the longest. */
  readonly firstWaitMs?: number
  readonly longestWaitMs?: number
}

/** A serial partition of the counters carries 28,000 a second, and the live events come on top. */
const DRAIN_PER_SECOND = 10_000
/** Pipeline.md section 4: events older than this go to the spool. */
const APPEND_LIMIT_MS = 2000
/** As long as a request to Kafka may take by kafkajs's default. */
const REPLAY_LIMIT_MS = 30_000
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

export function withDefaults(options: SpoolOptions): Required<Omit<SpoolOptions, 'metrics'>> {
  return {
    onAway: () => undefined,
    onFailure: () => undefined,
    isGone: () => false,
    drainPerSecond: DRAIN_PER_SECOND,
    appendLimitMs: APPEND_LIMIT_MS,
    replayLimitMs: REPLAY_LIMIT_MS,
    firstWaitMs: FIRST_WAIT_MS,
    longestWaitMs: LONGEST_WAIT_MS,
    ...options,
  }
}
