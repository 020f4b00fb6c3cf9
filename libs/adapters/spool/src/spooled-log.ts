import type { EventLog, LogEntry } from '#ports'
import { Breaker } from './breaker.js'
import { Drainer } from './drainer.js'
import { limited } from './limited.js'
import { Spool } from './spool.js'
import { type SpoolOptions, withDefaults } from './spool-options.js'
import { SpoolRefusedError } from './spool-refused.error.js'

/** An event is no larger, so while so much fits the spool takes writes. */
const EVENT_BYTES = 8 * 1024

/**
 * A log that keeps its promise while the log behind it is slow or away: what that one has not taken within 2 s is synced to
 * this process's own disk and replayed later. Nothing that was acknowledged expires here; the same entries may reach the log
 * twice, which is harmless because of their ids.
 *
 * The spool drains in its own order, but new appends go straight to the log as soon as that is back, past what still waits:
 * no number depends on the order of arrival (pipeline.md section 1), and freshness does. For the same reason a spool that is
 * full, or whose oldest entry is over 24 h old, refuses only what would have to go into it.
 *
 * A log that rejects one entry for good would hold up the spool behind it; none may (beacons are far below every limit).
 */
export class SpooledLog implements EventLog {
  private readonly breaker: Breaker
  private readonly drainer: Drainer
  private readonly options: ReturnType<typeof withDefaults>
  private pending = 0
  private nothingPending: () => void = () => undefined
  private closed = false

  private constructor(
    private readonly log: EventLog,
    private readonly spool: Spool,
    private readonly given: SpoolOptions,
  ) {
    this.options = withDefaults(given)
    this.breaker = new Breaker((isAway, cause) => this.changed(isAway, cause))
    this.drainer = new Drainer(spool, log, this.breaker, this.options, () => this.report())
  }

  /** Goes on draining what an earlier process left in the folder. `log` stays its opener's to close, after this one. */
  static async open(log: EventLog, options: SpoolOptions): Promise<SpooledLog> {
    const spooled = new SpooledLog(log, await Spool.open(options.folder, options.maxBytes, options.clock), options)
    spooled.report()
    spooled.drainer.start()
    return spooled
  }

  get partitions(): number {
    return this.log.partitions
  }

  /** Whether the log is away, as far as is known. */
  get isAway(): boolean {
    return this.breaker.isOpen
  }

  /** Whether an append would be taken: by the log, or by the spool. */
  get isWritable(): boolean {
    return !this.closed && (!this.breaker.isOpen || this.spool.refusal(EVENT_BYTES) === null)
  }

  /** Bytes of the entries that wait. */
  get bytes(): number {
    return this.spool.bytes
  }

  /** Age of the oldest entry that waits; over 12 h somebody should look, over 24 h nothing more is spooled. */
  ageMs(): number {
    return this.spool.ageMs()
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    if (this.closed) throw new SpoolRefusedError('closed')
    if (entries.length === 0) return
    this.pending++
    try {
      await (this.breaker.lets() ? this.appendToLog(entries) : this.appendToSpool(entries))
    } finally {
      if (--this.pending === 0) this.nothingPending()
    }
  }

  /** Waits for the appends at hand (2 s at most), replays nothing more, and closes the spool. */
  async close(): Promise<void> {
    this.closed = true
    if (this.pending > 0) await new Promise<void>((resolve) => (this.nothingPending = resolve))
    await this.drainer.close()
    await this.spool.close()
  }

  private async appendToLog(entries: readonly LogEntry[]): Promise<void> {
    try {
      await limited(this.log.append(entries), this.options.appendLimitMs)
    } catch (error) {
      this.breaker.trip(error)
      return this.appendToSpool(entries)
    }
    this.breaker.mend()
  }

  private async appendToSpool(entries: readonly LogEntry[]): Promise<void> {
    await this.spool.add(entries)
    this.drainer.notice()
    this.report()
  }

  private changed(isAway: boolean, cause: unknown): void {
    if (isAway) this.drainer.holdOff()
    this.options.onAway(isAway, cause)
  }

  private report(): void {
    this.given.metrics?.spoolBytes.set(this.spool.bytes)
    this.given.metrics?.spoolOldestSeconds.set(this.spool.ageMs() / 1000)
  }
}
