import { expect } from 'vitest'
import { BatchPlan, type Event, partitionOf, reduce } from '#domain'
import type { CounterReader, Counters } from '#ports'

export interface CountersUnderTest {
  readonly counters: Counters & CounterReader
  readonly partitions: number
  /** Makes everything durable, drops the instance without an orderly end where that is possible, and opens the same state anew. */
  reopen(): Promise<CountersUnderTest>
  /** Makes what was applied durable; an adapter whose commit is durable does nothing. */
  persist(): Promise<void>
  dispose(): Promise<void>
}

/** The largest window a site may have: what is older is in no number and need not be remembered. */
export const LONGEST_WINDOW_SECONDS = 1800

export function planOf(events: readonly Event[], appendedAtMs?: number): BatchPlan {
  return new BatchPlan(events.map((event) => ({ event, appendedAtMs: appendedAtMs ?? event.receivedAtMs })))
}

export async function apply(under: CountersUnderTest, site: string, events: readonly Event[]): Promise<void> {
  if (events.length > 0) await applyAt(under.counters, partitionOf(site, under.partitions), events)
}

export async function applyAt(
  counters: Counters,
  partition: number,
  events: readonly Event[],
  appendedAtMs?: number,
): Promise<void> {
  const plan = planOf(events, appendedAtMs)
  const from = (await counters.next(partition)) ?? 0
  const operations = reduce(plan, await counters.load(partition, plan))
  expect(await counters.commit(partition, from, operations, from + events.length)).toEqual({ applied: true })
}

export function readAll(counters: CounterReader, site: string, buckets: readonly string[], until = 0) {
  return counters.read(site, { buckets, onlineAfter: until - LONGEST_WINDOW_SECONDS, onlineUntil: until })
}
