import { type CounterValues, partitionOf, type PartitionTally, UNITS } from '#domain'
import type { CounterQuery, CounterReader, CounterReading, ViewsReading } from '#ports'
import type { RedisClient } from './connection/redis-connection.js'
import { counterPlace, unitField } from './layout/counter-place.js'
import { counterGroup, onlineGroup, siteOf, viewsGroup } from './layout/groups.js'
import { directoryKey, type PartitionKeys, partitionKeys } from './layout/partition-keys.js'
import { Calls } from './state/calls.js'
import { type Answer, type Header, readOf } from './state/known-state.js'

const ATTEMPTS = 3

/**
 * Reads the counters, each answer of one moment and in one round trip. What stands behind something it read before was rolled
 * back, and rejects until it has come to where it was.
 */
export class RedisCounterReader implements CounterReader {
  private readonly keys: readonly PartitionKeys[]
  private readonly gens: string[]
  /** Largest `next` seen. */
  private readonly seen: number[]

  constructor(
    private readonly client: RedisClient,
    partitions: number,
    prefix: string,
  ) {
    this.keys = partitionKeys(prefix, partitions)
    this.gens = this.keys.map(() => '0')
    this.seen = this.keys.map(() => 0)
  }

  async read(siteId: string, query: CounterQuery): Promise<CounterReading> {
    const calls = new Calls()
    calls.add('ZCOUNT', onlineGroup(siteId), [`(${query.onlineAfter}`, query.onlineUntil])
    for (const bucket of query.buckets) {
      const { chunk, field } = counterPlace(bucket)
      const fields = UNITS.map((unit) => unitField(field, unit))
      calls.add('HMGET', counterGroup(chunk, siteId), fields)
    }
    const { values, header } = await this.ask(this.partition(siteId), calls)
    const [online, ...buckets] = values as [number, ...(Buffer | null)[][]]
    return { buckets: buckets.map(valuesOf), online: Number(online), ...momentOf(header) }
  }

  async views(siteId: string, paths: readonly string[]): Promise<ViewsReading> {
    const calls = new Calls()
    calls.sliced('HMGET', viewsGroup(siteId), paths, 1)
    const { values, header } = await this.ask(this.partition(siteId), calls)
    return { views: (values as (Buffer | null)[][]).flat().map(number), ...momentOf(header) }
  }

  /** See `Counters`; from the directory of the state. */
  async sites(partition: number): Promise<readonly string[]> {
    const calls = new Calls()
    calls.add('HKEYS', directoryKey(''))
    const { values } = await this.askLive(partition, calls)
    return [...new Set((values[0] as Buffer[]).map((group) => siteOf(String(group))))]
  }

  /** See `Counters`. */
  async tally(partition: number): Promise<PartitionTally | null> {
    const { next, base, tally } = (await this.askLive(partition, new Calls())).header
    return next === null ? null : { base, next, tally }
  }

  private partition(siteId: string): number {
    return partitionOf(siteId, this.keys.length)
  }

  private async ask(partition: number, calls: Calls): Promise<Answer> {
    return this.believed(partition, await this.askLive(partition, calls))
  }

  private async askLive(partition: number, calls: Calls): Promise<Answer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const place = { client: this.client, keys: this.keys[partition] }
      const answer = await readOf(place, this.gens[partition], calls)
      if (answer.liveGen === this.gens[partition]) return answer
      this.gens[partition] = answer.liveGen
    }
    throw new Error('The counters are being replaced again and again')
  }

  private believed(partition: number, answer: Answer): Answer {
    const { header } = answer
    const next = header.next ?? 0
    if (next < this.seen[partition]) throw new Error(`The counters went back from ${this.seen[partition]} to ${next}.`)
    if (header.isBroken || asOf(header) <= 0) throw new Error('The counters have not caught up with the log yet.')
    this.seen[partition] = next
    return answer
  }
}

const number = (value: Buffer | null): number => (value === null ? 0 : Number(String(value)))

function valuesOf(values: readonly (Buffer | null)[]): CounterValues {
  const [pageviews, visits, visitors] = values.map(number)
  return { pageviews, visits, visitors }
}

const momentOf = (header: Header) => ({ asOfMs: asOf(header), next: header.next ?? 0 })

/** Records lie in order of time, so all before the millisecond of the last applied one are in; caught up, all so far. */
function asOf(header: Header): number {
  return Math.max(header.streamTimeMs - 1, header.caughtUpAtMs)
}
