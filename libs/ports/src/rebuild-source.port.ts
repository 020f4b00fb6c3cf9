import type { AppendedEvent, DayNumbers, StoredTail, ViewsDelta } from '#domain'

/** What a rebuild of the counters reads from the store. Everything rejects when the store is away. */
export interface RebuildSource {
  /** Views, custom events and leaves from `firstOffset` on, around the append time `sinceMs`. */
  tail(partition: number, firstOffset: number, sinceMs: number): Promise<StoredTail>
  /** Numbers of the sealed days up to and with `throughDay`, of all sites of the partition. */
  sealedDays(partition: number, throughDay: number): Promise<readonly DayNumbers[]>
  /** Views of every path, summed over the same days. */
  sealedViews(partition: number, throughDay: number): AsyncIterable<readonly ViewsDelta[]>
  /** Raw views and custom events of later days than `afterDay` and before an offset, in the log's order, without their facts. */
  events(partition: number, afterDay: number, beforeOffset: number): AsyncIterable<readonly AppendedEvent[]>
}
export const REBUILD_SOURCE = Symbol('RebuildSource')
