import { setTimeout as wait } from 'node:timers/promises'
import type { Admin, Batch, Consumer, EachBatchPayload } from 'kafkajs'
import { type Clock, type LogHandler, type LogLag, type LogRecord, type LogSubscription, within } from '#ports'
import type { ConsumerSettings } from './consumer-options.js'
import { Doorbell } from './doorbell.js'
import { type LaneFetcher, PartitionLane } from './partition-lane.js'
import { type Extent, Watermarks } from './watermarks.js'

/** After a batch the end is looked for so soon; all partitions share the look. */
const SOON_MS = 100
/** After a small fetch so long until the next: a hundred events cost little more than one. Little of the 1 s that a beacon may take. */
const GATHER_MS = 10
const SMALL_BATCH = 200
const COMMIT_EVERY_MS = 1000
const CLOSE_WITHIN_MS = 5000
/** eachBatch only takes records over, so no partition waits for another's. */
const CONCURRENCY = 64

/** One group of one process: a kafkajs consumer that fetches, and a lane for each partition that is assigned to it. */
export class GroupReader implements LogSubscription, LaneFetcher {
  private readonly lanes = new Map<number, PartitionLane>()
  /** Of partitions that went to another member: the end of the batch at hand. */
  private readonly leaving = new Map<number, Promise<void>>()
  private readonly bell = new Doorbell()
  private readonly watermarks: Watermarks
  private readonly committed = new Map<number, number>()
  private committedAt = 0
  private soon: NodeJS.Timeout | undefined
  private watching: Promise<void> | undefined
  private closing: Promise<void> | undefined

  constructor(
    private readonly group: string,
    private readonly handler: LogHandler,
    private readonly consumer: Consumer,
    private readonly admin: Admin,
    clock: Clock,
    private readonly settings: ConsumerSettings,
  ) {
    this.watermarks = new Watermarks(admin, settings.topic, clock)
  }

  /** Resolves when the group was joined, or the driver goes on trying to. */
  async start(): Promise<void> {
    const { consumer, settings } = this
    const { GROUP_JOIN, CRASH } = consumer.events
    consumer.on(GROUP_JOIN, ({ payload }) => this.joined(payload.memberAssignment[settings.topic] ?? []))
    consumer.on(CRASH, ({ payload }) => this.crashed(payload.error, payload.restart))
    await this.admin.connect()
    await consumer.subscribe({ topics: [settings.topic], fromBeginning: true })
    this.watching = this.watch()
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: (payload) => this.take(payload),
    })
  }

  lag(): readonly LogLag[] {
    return [...this.lanes.values()].map((lane) => lane.lag()).sort((a, b) => a.partition - b.partition)
  }

  get isClosed(): boolean {
    return this.closing !== undefined
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  fetchFrom(partition: number, offset: number): void {
    const { topic } = this.settings
    this.steer(() => {
      this.consumer.seek({ topic, partition, offset: String(offset) })
      this.consumer.resume([{ topic, partitions: [partition] }])
    })
  }

  pause(partition: number): void {
    this.steer(() => this.consumer.pause([{ topic: this.settings.topic, partitions: [partition] }]))
  }

  resume(partition: number): void {
    this.steer(() => this.consumer.resume([{ topic: this.settings.topic, partitions: [partition] }]))
  }

  async extent(partition: number): Promise<Extent> {
    const extent = (await this.watermarks.read()).get(partition)
    if (extent === undefined) throw new Error(`Kafka did not say what it holds of partition ${partition}.`)
    return extent
  }

  drained(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined
      this.bell.ring()
    }, SOON_MS)
  }

  halted(partition: number, error: unknown): void {
    this.settings.onHalt(this.group, partition, error)
  }

  warn(message: string, error: unknown): void {
    this.settings.log('warn', message, { group: this.group, error: String(error) })
  }

  /** A driver that is just restarting has nothing to steer; it will join, and then every lane is attached again. */
  private steer(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.settings.log('debug', 'The consumer is not running.', { group: this.group, error: String(error) })
    }
  }

  /**
   * Called before the first fetch of every generation. A lane that stays goes on: had another owner been in between, the store's
   * own compare-and-set shows it. What is new begins paused, until its handler has said where.
   */
  private joined(assigned: readonly number[]): void {
    for (const partition of this.lanes.keys()) if (!assigned.includes(partition)) this.leave(partition)
    for (const partition of assigned) {
      const lane = this.lanes.get(partition)
      if (lane?.isOpen) lane.attach()
      else this.open(partition)
    }
    this.committed.clear()
  }

  /** A batch of the partition that is still at hand here is waited for. One that had halted is tried again. */
  private open(partition: number): void {
    if (this.isClosed) return
    this.leave(partition)
    this.pause(partition)
    const before = this.leaving.get(partition) ?? Promise.resolve()
    this.lanes.set(partition, new PartitionLane(partition, this.handler, this, this.settings, before))
  }

  private leave(partition: number): void {
    const lane = this.lanes.get(partition)
    if (lane === undefined) return
    lane.stop()
    this.lanes.delete(partition)
    this.leaving.set(partition, lane.done)
  }

  private crashed(error: unknown, restart: boolean): void {
    if (!restart && !this.isClosed) this.settings.onCrash(this.group, error)
  }

  /** What was fetched before a seek took effect is stale. */
  private async take({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    if (isStale() || batch.messages.length === 0) return
    const taken = this.lanes.get(batch.partition)?.receive(recordsOf(batch), Number(batch.highWatermark)) ?? null
    if (taken !== null) resolveOffset(String(taken - 1))
    if (batch.messages.length < SMALL_BATCH) await wait(GATHER_MS)
  }

  /** Looks where the log ends, soon after a lane has applied all it had, else now and then. */
  private async watch(): Promise<void> {
    while (!this.isClosed) {
      await this.bell.wait(this.settings.idleMs)
      const extents = await this.watermarks.read().catch(() => new Map<number, Extent>())
      for (const [partition, lane] of this.lanes) {
        const extent = extents.get(partition)
        if (extent !== undefined) lane.observe(extent)
      }
      if (performance.now() - this.committedAt >= COMMIT_EVERY_MS) void this.commit()
    }
  }

  /** For tools that show the lag of groups; where we go on is said by the handler. One that fails is said again by the next. */
  private async commit(): Promise<void> {
    this.committedAt = performance.now()
    const { topic } = this.settings
    const moved = this.lag().filter(({ partition, next }) => this.committed.get(partition) !== next)
    if (moved.length === 0) return
    try {
      await this.consumer.commitOffsets(
        moved.map(({ partition, next }) => ({ topic, partition, offset: String(next) })),
      )
      for (const { partition, next } of moved) this.committed.set(partition, next)
    } catch (error) {
      this.settings.log('debug', 'Offsets were not committed.', { group: this.group, error: String(error) })
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.soon)
    const lanes = [...this.lanes.values()]
    for (const lane of lanes) lane.stop()
    this.bell.ring()
    await Promise.all([...lanes.map(({ done }) => done), ...this.leaving.values()])
    await within(this.disconnect(), CLOSE_WITHIN_MS, undefined)
  }

  private async disconnect(): Promise<void> {
    await this.commit()
    await this.watching
    await Promise.all([this.consumer.disconnect(), this.admin.disconnect()])
  }
}

function recordsOf({ messages }: Batch): LogRecord[] {
  return messages.map(({ offset, timestamp, value }) => ({
    offset: Number(offset),
    appendedAtMs: Number(timestamp),
    bytes: value ?? new Uint8Array(),
  }))
}
