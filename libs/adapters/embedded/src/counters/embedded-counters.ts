import { type BatchPlan, type Operations, partitionOf, type PartitionTally, type Records } from '#domain'
import type {
  CommitOutcome,
  CounterQuery,
  CounterReader,
  CounterReading,
  Counters,
  CountersRebuild,
  ViewsReading,
} from '#ports'
import { DurableLevel, type LevelOperation } from '#disk'
import { clearExpired, removals, replace, restore, takeChanges } from './checkpoint.js'
import { EmbeddedRebuild } from './embedded-rebuild.js'
import { PartitionState } from './partition-state.js'

export interface EmbeddedCountersOptions {
  readonly folder: string
  readonly partitions: number
  readonly checkpointEveryMs?: number
  /** Told when a checkpoint fails; it is tried again, and the log's tail makes up for it after a crash. */
  readonly onCheckpointError?: (error: unknown) => void
}

/** What one checkpoint of a partition writes: removals first, then changed records and `next`, all in one batch. */
interface Checkpoint {
  readonly erased: ReadonlySet<string>
  readonly changes: readonly LevelOperation[]
}

/**
 * Counters and reducer records in memory, with a checkpoint of all changed records and `next` in one synced batch about
 * every second; after a crash the log's tail is applied again from the last checkpoint (docs/adr/0001).
 */
export class EmbeddedCounters implements Counters, CounterReader {
  private timer: NodeJS.Timeout | undefined
  /** The disk is one writer's at a time; never rejects. */
  private writing: Promise<unknown> = Promise.resolve()
  /** A checkpoint that failed, per partition; it goes first, because newer ones hold only what changed after it. */
  private readonly unwritten = new Map<number, Checkpoint>()

  private constructor(
    private readonly db: DurableLevel,
    private readonly states: PartitionState[],
    private readonly options: EmbeddedCountersOptions,
  ) {}

  static async open(options: EmbeddedCountersOptions): Promise<EmbeddedCounters> {
    const db = await DurableLevel.open(options.folder)
    const states: PartitionState[] = []
    for (let partition = 0; partition < options.partitions; partition++) states.push(await restore(db, partition))
    const counters = new EmbeddedCounters(db, states, options)
    counters.schedule(0)
    return counters
  }

  async next(partition: number): Promise<number | null> {
    return this.states[partition].next
  }

  async load(partition: number, plan: BatchPlan): Promise<Records> {
    return this.states[partition].load(plan)
  }

  async commit(partition: number, expectedNext: number, operations: Operations, next: number): Promise<CommitOutcome> {
    const state = this.states[partition]
    if ((state.next ?? 0) !== expectedNext) return { applied: false, current: state.next }
    state.apply(operations, next)
    return { applied: true }
  }

  async caughtUp(partition: number, next: number, atMs: number): Promise<void> {
    const state = this.states[partition]
    if ((state.next ?? 0) === next) state.caughtUpAtMs = atMs
  }

  async rebuild(partition: number): Promise<CountersRebuild> {
    return new EmbeddedRebuild((state) => this.alone(() => this.replace(partition, state)))
  }

  async read(siteId: string, query: CounterQuery): Promise<CounterReading> {
    const state = this.readable(siteId)
    return {
      buckets: query.buckets.map((bucket) => state.values(siteId, bucket)),
      online: state.sites.get(siteId)?.online.count(query.onlineAfter, query.onlineUntil) ?? 0,
      asOfMs: asOf(state),
      next: state.next ?? 0,
    }
  }

  async views(siteId: string, paths: readonly string[]): Promise<ViewsReading> {
    const state = this.readable(siteId)
    const views = state.sites.get(siteId)?.views
    return { views: paths.map((path) => views?.get(path) ?? 0), asOfMs: asOf(state), next: state.next ?? 0 }
  }

  async sites(partition: number): Promise<readonly string[]> {
    return [...this.states[partition].sites.keys()]
  }

  async tally(partition: number): Promise<PartitionTally | null> {
    const { base, next, tally } = this.states[partition]
    return next === null ? null : { base, next, tally }
  }

  /** Writes everything that changed since the last checkpoint; resolves when it is synced. */
  checkpoint(): Promise<void> {
    return this.alone(() => this.writeAll())
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    await this.checkpoint().finally(() => this.db.close())
  }

  private readable(siteId: string): PartitionState {
    const state = this.states[partitionOf(siteId, this.states.length)]
    if (asOf(state) <= 0) throw new Error('The counters have not caught up with the log yet.')
    return state
  }

  /** The next checkpoint waits ten times as long as the last one took, so that checkpoints never eat a core. */
  private schedule(tookMs: number): void {
    const wait = Math.max(this.options.checkpointEveryMs ?? 1000, tookMs * 10)
    this.timer = setTimeout(() => {
      const startedAt = performance.now()
      this.checkpoint()
        .catch((error: unknown) => this.options.onCheckpointError?.(error))
        .finally(() => this.timer && this.schedule(performance.now() - startedAt))
    }, wait)
  }

  private alone(work: () => Promise<void>): Promise<void> {
    const mine = this.writing.then(work)
    this.writing = mine.catch(() => undefined)
    return mine
  }

  /** From here to the last write the disk has no state, and so has the memory if that fails. */
  private async replace(partition: number, state: PartitionState): Promise<void> {
    this.unwritten.delete(partition)
    try {
      await replace(this.db, partition, state)
      this.states[partition] = state
    } catch (error) {
      this.states[partition] = new PartitionState()
      throw error
    }
  }

  private async writeAll(): Promise<void> {
    for (let partition = 0; partition < this.states.length; partition++) await this.writePartition(partition)
  }

  private async writePartition(partition: number): Promise<void> {
    const state = this.states[partition]
    const failed = this.unwritten.get(partition)
    if (failed !== undefined) await this.writeOut(partition, failed)
    const gone = state.expire()
    const erased = new Set(state.erased)
    const changes = takeChanges(partition, state)
    state.erased.clear()
    if (changes.length > 0) await this.writeOut(partition, { erased, changes })
    await clearExpired(this.db, partition, gone)
  }

  /** What is removed also leaves the files: now, or if a crash came between, with the erasure that is repeated. */
  private async writeOut(partition: number, checkpoint: Checkpoint): Promise<void> {
    this.unwritten.set(partition, checkpoint)
    const removed = await removals(this.db, partition, checkpoint.erased)
    await this.db.write([...removed, ...checkpoint.changes])
    this.unwritten.delete(partition)
    if (checkpoint.erased.size > 0) await this.db.compact()
  }
}

/** Records lie in order of time, so all before the millisecond of the last applied one are in; caught up, all so far. */
function asOf(state: PartitionState): number {
  return Math.max(state.streamTimeMs - 1, state.caughtUpAtMs)
}
