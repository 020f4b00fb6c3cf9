import type { BatchPlan, CounterValues, Operations, PartitionTally, Records } from '#domain'

export type CommitOutcome =
  | { readonly applied: true }
  /** Nothing was changed: the state stands at `current` (null = the partition has no state at all). */
  | { readonly applied: false; readonly current: number | null }

/** The reducer's records and the counters, each partition with the offset it has applied (`next`) in the same atomic unit. */
export interface Counters {
  /** The first offset not yet applied; null when the partition has no state. Rejects when the counters are away. */
  next(partition: number): Promise<number | null>
  load(partition: number, plan: BatchPlan): Promise<Records>
  /**
   * Applies all operations and sets `next`, if the state stands at `expectedNext` (null and 0 are both the beginning);
   * else changes nothing. A rejection leaves open whether it was applied: ask `next` again.
   */
  commit(partition: number, expectedNext: number, operations: Operations, next: number): Promise<CommitOutcome>
  /** Notes that at `atMs` the state at `next` held everything in the log: the `asOf` of snapshots. */
  caughtUp(partition: number, next: number, atMs: number): Promise<void>
  /** Every site of the partition of which the state has anything, in any order; none when there is no state. */
  sites(partition: number): Promise<readonly string[]>
  /** What became of the records that the state applied, since it was begun; null when the partition has no state. */
  tally(partition: number): Promise<PartitionTally | null>
  /** Begins a new state of the partition, aside; until it is finished nothing of the present one changes. */
  rebuild(partition: number): Promise<CountersRebuild>
}
export const COUNTERS = Symbol('Counters')

/** A state of one partition that is being made; one that is never finished leaves no trace. */
export interface CountersRebuild {
  /** Records of the new state. */
  load(plan: BatchPlan): Promise<Records>
  apply(operations: Operations): Promise<void>
  /**
   * Puts the new state, with `next`, from where its tally begins, in the place of the present one, durably. After a rejection or a crash the partition has
   * the old state, the new one or none, never a mixture.
   */
  finish(next: number): Promise<void>
}

export interface CounterQuery {
  readonly buckets: readonly string[]
  /** Online ids with `onlineAfter < t <= onlineUntil`, seconds. */
  readonly onlineAfter: number
  readonly onlineUntil: number
}

export interface CounterReading {
  /** In the order asked; a bucket in which nothing was counted is all 0. */
  readonly buckets: readonly CounterValues[]
  readonly online: number
  /** Everything in the log up to this instant is in the numbers, ms. */
  readonly asOfMs: number
  /** Exactly what lies before this offset is in the numbers. */
  readonly next: number
}

export interface ViewsReading {
  /** In the order asked; a path that was never viewed is 0. */
  readonly views: readonly number[]
  readonly asOfMs: number
  readonly next: number
}

/**
 * Reads what `Counters` holds, each reading of one moment. Rejects when the counters are away, or were never caught up since
 * they began (a rebuild): then nobody knows the numbers, and a 0 would be a lie.
 */
export interface CounterReader {
  read(siteId: string, query: CounterQuery): Promise<CounterReading>
  views(siteId: string, paths: readonly string[]): Promise<ViewsReading>
}
export const COUNTER_READER = Symbol('CounterReader')
