import { BatchPlan } from './batch-plan.js'
import { lastClosedDay } from './expiry.js'
import type { DayNumbers, Operations, Records, ViewsDelta } from './operations.js'
import { countersOf, reduce } from './reducer.js'

/** A stored record's place in the log. */
export interface RecentRecord {
  readonly offset: number
  readonly appendedAtMs: number
}

/** Where a rebuild cuts. */
export interface RebuildCut {
  /** The new state holds what lies before this offset; the log gives the rest. */
  readonly next: number
  /** Days up to and with this one come from their sealed rows, later ones from raw events before `next`. */
  readonly sealedThrough: number
}

/**
 * Heartbeats are not in the store. So the state is made as of this long ago, and the log's tail, which has them, gives
 * who is online: longer than the largest `onlineWindowSeconds` and the hour that a beacon may be old.
 */
export const REBUILD_TAIL_MS = 2 * 3600 * 1000

/** No copy of an id that is still remembered lies in days further back than this before the last sealed one. */
export const REMEMBERED_DAYS = 7

/**
 * The cut of a rebuild. `position` is what the store holds, `sealedThrough` its last sealed day (null: none),
 * `recent` its first record of the tail (null: none), `first` where the log begins; `first <= position`.
 * No event from `next` on can belong to a day up to `sealedThrough`: such a day was closed when the record at `next`, or what
 * came before it, was appended.
 */
export function rebuildCut(store: {
  position: number
  sealedThrough: number | null
  recent: RecentRecord | null
  first: number
}): RebuildCut {
  const { position, sealedThrough, recent, first } = store
  const sealed = sealedThrough ?? -1
  if (recent === null || recent.offset >= position) return { next: position, sealedThrough: sealed }
  const closed = lastClosedDay(recent.appendedAtMs)
  return { next: Math.max(first, recent.offset), sealedThrough: Math.min(sealed, closed) }
}

/** Puts the numbers of sealed days into all their buckets, and views into their paths. */
export function seedOperations(days: readonly DayNumbers[], views: readonly ViewsDelta[]): Operations {
  const plan = new BatchPlan([])
  return { ...reduce(plan, { runs: [], known: [] }), counters: days.flatMap(countersOf), views }
}

/** Only remembers the ids of events whose days are sealed: a repeat of theirs is to be known, they are counted already. */
export function rememberOperations(plan: BatchPlan, records: Records): Operations {
  return { ...reduce(plan, records), changedRuns: [], online: [], counters: [], views: [] }
}
