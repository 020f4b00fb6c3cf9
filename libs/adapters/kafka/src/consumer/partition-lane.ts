import { setTimeout as wait } from 'node:timers/promises'
import type { LogHandler, LogLag, LogRecord } from '#ports'
import { Doorbell } from './doorbell.js'
import { FetchQueue } from './fetch-queue.js'
import type { Extent } from './watermarks.js'

const RETRY_MS = 500
/** A new leader may for a moment not know yet how far its log is acknowledged; what stays outside is outside. */
const LOOKS = 4
/** Batches in a row that did not begin where we stand: after each we ask for our place again. */
const STRIKES = 3

/** What a lane asks of the one who fetches. */
export interface LaneFetcher {
  fetchFrom(partition: number, offset: number): void
  pause(partition: number): void
  resume(partition: number): void
  /** What the log holds now. Rejects while Kafka is away. */
  extent(partition: number): Promise<Extent>
  /** Everything that was fetched is applied. */
  drained(): void
  halted(partition: number, error: unknown): void
  /** The handler could not do what it will be asked again. */
  warn(message: string, error: unknown): void
}

export interface LaneOptions {
  /** How often the handler's position is compared while nothing comes, ms. */
  readonly compareMs: number
}

/**
 * One partition while it is assigned to us: fetched records wait here, and go to the handler one batch after another. The fetching
 * goes on meanwhile, for the other partitions and for the session of the group: a store that is away for long costs neither.
 */
export class PartitionLane {
  readonly done: Promise<void>
  private readonly stopping = new AbortController()
  private readonly bell = new Doorbell()
  private readonly queue = new FetchQueue()
  /** First offset not yet applied. */
  private next = 0
  /** First offset not yet fetched; null while it is not known where to begin. */
  private fetchNext: number | null = null
  private first = 0
  private end = 0
  private halted = false
  private strikes = 0
  private lost: Error | null = null
  /** What has to be applied for everything up to that instant to be. */
  private goal: Extent | null = null
  private lastAppendedAtMs = 0
  private comparedAt = performance.now()

  constructor(
    private readonly partition: number,
    private readonly handler: LogHandler,
    private readonly fetcher: LaneFetcher,
    private readonly options: LaneOptions,
    before: Promise<void>,
  ) {
    this.done = this.run(before)
  }

  lag(): LogLag {
    const { partition, next, end, halted } = this
    return { partition, next, end: Math.max(next, end), halted }
  }

  get isOpen(): boolean {
    return !this.halted && !this.stopping.signal.aborted
  }

  /** Says to the fetcher again what it has to do for us: it forgets that when it joins its group anew. */
  attach(): void {
    if (this.fetchNext === null || !this.isOpen) return this.fetcher.pause(this.partition)
    this.fetcher.fetchFrom(this.partition, this.fetchNext)
    if (this.queue.isFull) this.fetcher.pause(this.partition)
    this.comparedAt = -Infinity
    this.bell.ring()
  }

  /**
   * Takes what was fetched, if it goes on where we stand, up to the first gap, and returns the offset after what it took. Offsets
   * are dense: what begins elsewhere was fetched after the driver had reset its place, and must not be jumped to.
   */
  receive(records: readonly LogRecord[], end: number): number | null {
    if (this.fetchNext === null || !this.isOpen) return null
    if (records[0]!.offset !== this.fetchNext) return this.misplaced(records[0]!.offset)
    this.strikes = 0
    for (const record of records) {
      if (record.offset !== this.fetchNext) break
      this.queue.add(record)
      this.fetchNext++
    }
    this.end = end
    if (this.queue.isFull) this.fetcher.pause(this.partition)
    this.bell.ring()
    return this.fetchNext
  }

  /** What the log was seen to hold. */
  observe(extent: Extent): void {
    this.first = extent.first
    this.end = Math.max(extent.end, this.fetchNext ?? 0)
    this.goal = extent
    this.bell.ring()
  }

  /** Lets no wait in the handler go on; `done` tells when the batch at hand is over. */
  stop(): void {
    this.stopping.abort()
    this.bell.ring()
  }

  private async run(before: Promise<void>): Promise<void> {
    await before
    try {
      await this.begin()
      while (!this.stopping.signal.aborted) await this.step()
    } catch (error) {
      if (!this.stopping.signal.aborted) this.halt(error)
    }
  }

  private async begin(): Promise<void> {
    for (let looks = 1; ; looks++) {
      const extent = await this.untilDone('Kafka', () => this.fetcher.extent(this.partition))
      this.first = extent.first
      this.end = extent.end
      const next = await this.untilDone('the position', () => this.position())
      if (next >= extent.first && next <= extent.end) return this.goTo(next)
      this.next = next
      if (looks === LOOKS || next < extent.first) throw this.elsewhere()
      await wait(RETRY_MS, undefined, { signal: this.stopping.signal })
    }
  }

  private async step(): Promise<void> {
    await this.tellCaughtUp()
    if (!this.queue.isEmpty) return this.applyBatch()
    if (this.lost !== null) throw this.lost
    if (this.next < this.first) throw this.elsewhere()
    if (performance.now() - this.comparedAt >= this.options.compareMs) return this.compare()
    await this.bell.wait(this.options.compareMs)
  }

  private async applyBatch(): Promise<void> {
    const wasFull = this.queue.isFull
    const records = this.queue.take(this.handler.maxRecords)
    const { partition, end } = this
    const next = await this.handler.apply({ partition, records, end, signal: this.stopping.signal })
    const last = records.at(-1)!
    if (next !== last.offset + 1) return this.goTo(next)
    this.next = next
    this.lastAppendedAtMs = Math.max(this.lastAppendedAtMs, last.appendedAtMs)
    this.comparedAt = performance.now()
    if (wasFull && !this.queue.isFull) this.fetcher.resume(partition)
    if (this.queue.isEmpty) this.fetcher.drained()
  }

  private async tellCaughtUp(): Promise<void> {
    if (this.goal === null || this.next < this.goal.end) return
    const { atMs } = this.goal
    this.goal = null
    await this.handler
      .caughtUp(this.partition, this.next, atMs, this.lastAppendedAtMs)
      .catch((error: unknown) => this.fetcher.warn('Could not note that the end is reached.', error))
  }

  /** An idle group learns only so that its state was rolled back. */
  private async compare(): Promise<void> {
    this.comparedAt = performance.now()
    const next = await this.position().catch(() => this.next)
    if (next !== this.next) this.goTo(next)
  }

  private position(): Promise<number> {
    const { first, end } = this
    return this.handler.position(this.partition, { first, end, signal: this.stopping.signal })
  }

  private goTo(next: number): void {
    this.queue.clear()
    this.next = next
    this.fetchNext = next
    this.comparedAt = performance.now()
    if (!this.stopping.signal.aborted) this.fetcher.fetchFrom(this.partition, next)
    this.fetcher.drained()
  }

  private misplaced(offset: number): null {
    this.strikes++
    if (this.strikes < STRIKES) this.fetcher.fetchFrom(this.partition, this.fetchNext!)
    else {
      this.lost = new RangeError(
        `Partition ${this.partition} gave offset ${offset} where offset ${this.fetchNext} was asked for: the log does not hold it.`,
      )
      this.fetcher.pause(this.partition)
      this.bell.ring()
    }
    return null
  }

  private halt(error: unknown): void {
    this.halted = true
    this.fetcher.pause(this.partition)
    this.fetcher.halted(this.partition, error)
  }

  /** What is away when a lane begins is waited for. */
  private async untilDone<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      this.stopping.signal.throwIfAborted()
      try {
        return await attempt()
      } catch (error) {
        this.fetcher.warn(`Could not learn ${what} of partition ${this.partition}, trying again.`, error)
        await wait(RETRY_MS, undefined, { signal: this.stopping.signal })
      }
    }
  }

  private elsewhere(): RangeError {
    const held = `${this.first} to ${this.end}`
    return new RangeError(`Partition ${this.partition} is needed from offset ${this.next}; the log holds ${held}.`)
  }
}
