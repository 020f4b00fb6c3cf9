import type { AppendedEvent, DayNumbers, RecentRecord, ViewsDelta } from '#domain'

/** What a rebuild of the counters reads from the store. Everything rejects when the store is away. */
export interface RebuildSource {
  /** The first stored record appended at or after `sinceMs`; null when there is none. */
  firstSince(partition: number, sinceMs: number): Promise<RecentRecord | null>
  /** Numbers of the sealed days up to and with `throughDay`, of all sites of the partition. */
  sealedDays(partition: number, throughDay: number): Promise<readonly DayNumbers[]>
  /** Views of every path, summed over the same days. */
  sealedViews(partition: number, throughDay: number): AsyncIterable<readonly ViewsDelta[]>
  /** Raw views and custom events of later days than `afterDay` and before an offset, in the log's order, without their facts. */
  events(partition: number, afterDay: number, beforeOffset: number): AsyncIterable<readonly AppendedEvent[]>
}
export const REBUILD_SOURCE = Symbol('RebuildSource')
