import type { BatchPlan, Operations, PartitionTally, Records } from '#domain'
import type { CommitOutcome, CounterQuery, CounterReader, CounterReading, Counters, ViewsReading } from '#ports'
import type { CountersRebuild } from '#ports'
import { connectRedis, type RedisClient, type RedisConnectionOptions } from './connection/redis-connection.js'
import { CATCH_UP } from './connection/scripts.js'
import { partitionKeys } from './layout/partition-keys.js'
import { RedisCounterReader } from './redis-counter-reader.js'
import { RedisRebuild } from './redis-rebuild.js'
import { Calls } from './state/calls.js'
import { deleteOtherGenerations } from './state/generations.js'
import { type Place, readLive, readOf, runOn } from './state/known-state.js'
import { StateWriter } from './state/state-writer.js'

export interface RedisCountersOptions {
  readonly partitions: number
  /** In front of every key, so that several products can share a Redis. */
  readonly prefix?: string
}

/** One partition as this process writes it. */
interface Partition {
  readonly place: Place
  readonly writer: StateWriter
  /** Generation of the rebuild that is under way here. */
  rebuilding: string | undefined
  /** What an earlier process may have left of other generations was deleted. */
  isTidy: boolean
}

export const DEFAULT_PREFIX = 'truycap'

/** Counters and reducer records in Redis, with `next` in the same atomic script (docs/adr/0008). */
export class RedisCounters implements Counters, CounterReader {
  private readonly partitions: readonly Partition[]
  private readonly reader: RedisCounterReader

  /** Reads have a connection of their own, so that no widget waits behind a commit. */
  constructor(
    private readonly commits: RedisClient,
    private readonly reads: RedisClient,
    { partitions, prefix = DEFAULT_PREFIX }: RedisCountersOptions,
  ) {
    this.reader = new RedisCounterReader(reads, partitions, prefix)
    this.partitions = partitionKeys(prefix, partitions).map((keys) => partitionAt({ client: commits, keys }))
  }

  static connect(options: RedisConnectionOptions & RedisCountersOptions): RedisCounters {
    return new RedisCounters(connectRedis(options), connectRedis(options), options)
  }

  async next(partition: number): Promise<number | null> {
    const one = this.partitions[partition]
    await this.tidy(one)
    const known = await one.writer.state()
    const { liveGen, header } = await readOf(one.place, known.gen)
    if (liveGen === known.gen && header.stamp === known.stamp && !header.isBroken) return header.next
    one.writer.forget()
    return (await one.writer.state()).next
  }

  load(partition: number, plan: BatchPlan): Promise<Records> {
    return this.partitions[partition].writer.load(plan)
  }

  async commit(partition: number, expectedNext: number, operations: Operations, next: number): Promise<CommitOutcome> {
    const { writer } = this.partitions[partition]
    if (await writer.commit(expectedNext, operations, next)) return { applied: true }
    return { applied: false, current: await this.next(partition) }
  }

  async caughtUp(partition: number, next: number, atMs: number): Promise<void> {
    const { place, writer } = this.partitions[partition]
    const { gen } = await writer.state()
    if ((await runOn(place, gen, CATCH_UP, new Calls(), [gen, next, atMs])) !== 1) writer.forget()
  }

  async rebuild(partition: number): Promise<CountersRebuild> {
    const one = this.partitions[partition]
    one.rebuilding = undefined
    one.isTidy = false
    await this.tidy(one)
    const rebuild = await RedisRebuild.begin(one.place, () => this.replaced(one))
    one.rebuilding = rebuild.gen
    return rebuild
  }

  read(siteId: string, query: CounterQuery): Promise<CounterReading> {
    return this.reader.read(siteId, query)
  }

  views(siteId: string, paths: readonly string[]): Promise<ViewsReading> {
    return this.reader.views(siteId, paths)
  }

  sites(partition: number): Promise<readonly string[]> {
    return this.reader.sites(partition)
  }

  tally(partition: number): Promise<PartitionTally | null> {
    return this.reader.tally(partition)
  }

  async close(): Promise<void> {
    this.commits.disconnect()
    this.reads.disconnect()
  }

  /** The new state is live whether or not the old one's keys can be deleted now: if not, they go with the next occasion. */
  private async replaced(one: Partition): Promise<void> {
    one.rebuilding = undefined
    one.isTidy = false
    one.writer.forget()
    await this.tidy(one).catch(() => undefined)
  }

  private async tidy(one: Partition): Promise<void> {
    if (one.isTidy) return
    await deleteOtherGenerations(one.place, one.rebuilding)
    one.isTidy = true
  }
}

function partitionAt(place: Place): Partition {
  const open = () => {
    one.isTidy = false
    return readLive(place)
  }
  const writer = new StateWriter({ place, open, guard: ({ gen }) => ({ field: 'gen', value: gen }) })
  const one: Partition = { place, writer, rebuilding: undefined, isTidy: false }
  return one
}
