import { BatchPlan } from './batch-plan.js'
import { lastClosedDay } from './expiry.js'
import type { DayNumbers, Operations, Records, ViewsDelta } from './operations.js'
import { countersOf, reduce } from './reducer.js'

/** Stored records around an instant, among those that the log still holds. */
export interface StoredTail {
  /** The last one appended before it; null when there is none. */
  readonly lastBefore: { readonly offset: number; readonly appendedAtMs: number } | null
  /** Offset of the first one appended at or after it; null when there is none. */
  readonly firstSince: number | null
  /** Whether the store has passed a record appended at or after it, be it one that it does not hold, as a heartbeat. */
  readonly isReached: boolean
}

/** Where a rebuild cuts. */
export interface RebuildCut {
  /** The new state holds what lies before this offset; the log gives the rest. */
  readonly next: number
  /** Days up to and with this one come from their sealed rows, later ones from raw events before `next`. */
  readonly sealedThrough: number
  /** The ids of raw events of later days than this one are remembered, so that a repeat from `next` on is known. */
  readonly rememberedAfter: number
}

/**
 * Heartbeats are not in the store. So the state is made as of this long ago, and the log's tail, which has them, gives
 * who is online: longer than the largest `onlineWindowSeconds` and the hour that a beacon may be old.
 */
export const REBUILD_TAIL_MS = 2 * 3600 * 1000

/** A day further back than this before the last closed one has no event whose id is still remembered. */
const REMEMBERED_DAYS = 7

/**
 * The cut of a rebuild: just after the last record that the store has from before the tail, so that every heartbeat since
 * comes again; without one where the log begins, at `first`, since all that lies there may be heartbeats of the tail. (Not
 * covered: a log that begins with records whose raw events are gone after 400 days, and goes on in the tail.) `position` is
 * what the store holds, `sealedThrough` its last sealed day (null: none), `tail` its records around `tailMs`. Days that were
 * open at `tailMs` are not taken as sealed when a record of the tail comes again; when none does, all sealed days are: what is
 * yet to come cannot reach them.
 */
export function rebuildCut(store: {
  first: number
  position: number
  sealedThrough: number | null
  tail: StoredTail
  tailMs: number
}): RebuildCut {
  const { first, position, tail, tailMs } = store
  const sealed = store.sealedThrough ?? -1
  const withoutPast = tail.isReached ? first : position
  const next = tail.lastBefore === null ? withoutPast : tail.lastBefore.offset + 1
  const sealedThrough = tail.firstSince === null ? sealed : Math.min(sealed, lastClosedDay(tailMs))
  const closedAtCut = lastClosedDay(tail.lastBefore?.appendedAtMs ?? tailMs)
  const rememberedAfter = Math.min(sealedThrough, closedAtCut) - REMEMBERED_DAYS
  return { next: Math.min(next, position), sealedThrough, rememberedAfter }
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
