import type { Stretches } from '../visit/stretch.js'
import type { BatchPlan } from './batch-plan.js'
import type { Tally } from './tally.js'

/** What `Counters.load` brings for a plan: by slot, `runs[slot]` of `plan.runs[slot]`, `known[slot]` of `plan.ids[slot]`. */
export interface Records {
  /** Empty where there is no such record. */
  readonly runs: readonly Stretches[]
  /** Whether the id was counted before and is still remembered. */
  readonly known: readonly boolean[]
}

/** The three units of one bucket. */
export interface CounterValues {
  readonly pageviews: number
  readonly visits: number
  readonly visitors: number
}

export const UNITS = ['pageviews', 'visits', 'visitors'] as const satisfies readonly (keyof CounterValues)[]

/** Of a bucket in which nothing was counted. */
export const NO_COUNTS: CounterValues = { pageviews: 0, visits: 0, visitors: 0 }

export function addCounts(a: CounterValues, b: CounterValues): CounterValues {
  return { pageviews: a.pageviews + b.pageviews, visits: a.visits + b.visits, visitors: a.visitors + b.visitors }
}

/** The numbers of one site in one local day: what is left of a sealed day. */
export interface DayNumbers extends CounterValues {
  readonly site: string
  /** Days since 1970-01-01. */
  readonly day: number
}

/** Change to the counters of one site in one bucket. */
export interface CounterDelta extends CounterValues {
  readonly site: string
  readonly bucket: string
}

/** Change to the views of one path, ever. */
export interface ViewsDelta {
  readonly site: string
  readonly path: string
  readonly delta: number
}

/** Raises the last time of an online id to `t` (seconds); a smaller `t` changes nothing. */
export interface OnlineRaise {
  readonly site: string
  readonly onlineId: Uint8Array
  readonly t: number
}

/** Everything that one batch changes; `Counters.commit` applies all of it and `next`, or nothing. */
export interface Operations {
  readonly plan: BatchPlan
  /** Sites that the batch erases: everything held of them goes first, then the rest of the operations is applied. */
  readonly erased: readonly string[]
  /** Slots of `plan.runs` whose record becomes `runs[slot]`. */
  readonly changedRuns: readonly number[]
  readonly runs: readonly Stretches[]
  /** Slots of `plan.ids` to remember from now on. */
  readonly newIds: readonly number[]
  readonly online: readonly OnlineRaise[]
  readonly counters: readonly CounterDelta[]
  readonly views: readonly ViewsDelta[]
  /** What became of each record of the batch. */
  readonly outcomes: Tally
  /** Largest append time seen in the batch, ms; what expires by it is in expiry.ts. */
  readonly streamTimeMs: number
}
