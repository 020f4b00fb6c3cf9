import { setTimeout as delay } from 'node:timers/promises'
import type { EventLog } from '#ports'
import type { Breaker } from './breaker.js'
import { limited } from './limited.js'
import type { Spool, SpoolChunk } from './spool.js'
import type { withDefaults } from './spool-options.js'

type DrainOptions = ReturnType<typeof withDefaults>

/**
 * Replays the spool into the log, oldest first, one chunk in flight, and removes a chunk only when the log has it. While
 * the log is away it looks for it at growing intervals: with the oldest chunk, or, when there is none that can be read, by
 * letting an append through.
 */
export class Drainer {
  private readonly stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()
  private wake: () => void = () => undefined
  private waitMs = 0

  constructor(
    private readonly spool: Spool,
    private readonly log: EventLog,
    private readonly breaker: Breaker,
    private readonly options: DrainOptions,
    private readonly onTurn: () => void,
  ) {}

  start(): void {
    this.running = this.run()
  }

  /** Something is in the spool. */
  notice(): void {
    this.wake()
  }

  /** The log just went away: the first look comes after a while. */
  holdOff(): void {
    this.waitMs = this.options.firstWaitMs
    this.wake()
  }

  /** Begins nothing more. A replay that the log has not answered is left behind: its chunk stays. */
  async close(): Promise<void> {
    this.stopping.abort()
    this.wake()
    await this.running
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      if (this.breaker.isOpen || !this.spool.isEmpty) await this.turn()
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  private async turn(): Promise<void> {
    await this.rest(this.waitMs)
    if (this.stopped) return
    const { longestWaitMs, firstWaitMs, onFailure } = this.options
    const done = await this.replayOldest().catch((error: unknown) => {
      if (!this.stopped) onFailure(error)
      return false
    })
    this.waitMs = done ? 0 : Math.min(Math.max(2 * this.waitMs, firstWaitMs), longestWaitMs)
    this.onTurn()
  }

  /** Rejects when the disk is the trouble. */
  private async replayOldest(): Promise<boolean> {
    let chunk: SpoolChunk | null = null
    try {
      chunk = await this.spool.read()
    } finally {
      if (chunk === null) this.breaker.allowProbe()
    }
    return chunk !== null && (await this.replay(chunk))
  }

  private async replay(chunk: SpoolChunk): Promise<boolean> {
    const { isGone, replayLimitMs, appendLimitMs, drainPerSecond } = this.options
    const beganAtMs = performance.now()
    const entries = chunk.entries.filter(({ site }) => !isGone(site))
    try {
      if (entries.length > 0) await this.untilStopped(limited(this.log.append(entries), replayLimitMs))
    } catch (error) {
      if (!this.stopped) this.breaker.trip(error)
      return false
    }
    const tookMs = performance.now() - beganAtMs
    // A log that answers, but too slowly for who waits, is still drained to.
    if (entries.length > 0 && tookMs <= appendLimitMs) this.breaker.mend()
    await this.spool.remove(chunk)
    await this.rest((entries.length * 1000) / drainPerSecond - tookMs)
    return true
  }

  private untilStopped(work: Promise<void>): Promise<void> {
    const { signal } = this.stopping
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason as Error)
      signal.addEventListener('abort', stop, { once: true })
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    })
  }

  private async rest(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined)
  }
}
