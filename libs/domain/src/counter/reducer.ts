import { bucketsOf } from '../calendar/bucket.js'
import type { Event } from '../event/event.js'
import {
  addPoint,
  countRuns,
  dayBase,
  NO_STRETCHES,
  type Stretches,
  VIEWS_TIMEOUT_SECONDS,
  VISIT_GRAIN_SECONDS,
} from '../visit/stretch.js'
import type { AppendedEvent, BatchPlan } from './batch-plan.js'
import type { CounterDelta, DayNumbers, OnlineRaise, Operations, Records } from './operations.js'
import { NO_TALLY, type Outcome } from './tally.js'

/** A record that waited longer than this between receipt and log is in no number (contract section 1, Too late). */
export const TOO_LATE_MS = 24 * 3600 * 1000

/** Whether it is set aside for that; an erasure never is. */
export function isTooLate({ event, appendedAtMs }: AppendedEvent): boolean {
  return event.type !== 'erase' && appendedAtMs - event.receivedAtMs > TOO_LATE_MS
}

/**
 * The counting core: the records that a batch needs, and the batch, give the operations that make the records after
 * it. Pure, and once repeats are out independent of order and of how a stream is cut into batches (contract section 1).
 */
export function reduce(plan: BatchPlan, records: Records): Operations {
  const batch = new Reduction(plan, records)
  for (let i = 0; i < plan.events.length; i++) batch.take(i)
  return batch.operations()
}

class Reduction {
  private readonly runs: Stretches[]
  /** What `Counters` holds when it applies the operations: an erased site's records are gone by then. */
  private readonly held: Stretches[]
  private readonly known: boolean[]
  private readonly erased = new Set<string>()
  private newIds: number[] = []
  private readonly days = new Map<string, DayDelta>()
  private readonly views = new Map<string, Map<string, number>>()
  private online: OnlineRaise[] = []
  private readonly outcomes: Record<Outcome, number> = { ...NO_TALLY }
  private streamTimeMs = 0

  constructor(
    private readonly plan: BatchPlan,
    records: Records,
  ) {
    this.runs = records.runs.slice()
    this.held = records.runs.slice()
    this.known = records.known.slice()
  }

  take(i: number): void {
    const { event, appendedAtMs } = this.plan.events[i]
    if (appendedAtMs > this.streamTimeMs) this.streamTimeMs = appendedAtMs
    this.outcomes[this.outcomeOf(i, event)]++
  }

  private outcomeOf(i: number, event: Event): Outcome {
    if (event.type === 'erase') this.erase(event.site)
    else if (isTooLate(this.plan.events[i])) return 'too_late'
    else if (event.type === 'heartbeat') this.raiseOnline(event)
    else if (event.type !== 'leave') return this.count(i, event)
    return event.type
  }

  private count(i: number, event: Event): 'counted' | 'repeat' {
    const idSlot = this.plan.idSlots[i]
    if (this.known[idSlot]) return 'repeat'
    this.known[idSlot] = true
    this.newIds.push(idSlot)
    this.raiseOnline(event)
    this.countVisit(i, event)
    if (event.type === 'view') this.countView(i, event)
    return 'counted'
  }

  private countVisit(i: number, event: Event): void {
    const slot = this.plan.visitSlots[i]
    if (slot < 0) {
      if (event.type === 'view' && event.entry) this.day(event).visits++
      return
    }
    const before = this.runs[slot]
    const gained = this.addPoint(slot, event, event.visitTimeout, VISIT_GRAIN_SECONDS)
    if (before.length === 0) this.day(event).visitors++
    if (gained !== 0) this.day(event).visits += gained
  }

  private countView(i: number, event: Event): void {
    this.day(event).pageviews++
    const slot = this.plan.pathSlots[i]
    const gained = slot < 0 ? 1 : this.addPoint(slot, event, VIEWS_TIMEOUT_SECONDS, VIEWS_TIMEOUT_SECONDS)
    if (gained === 0) return
    let paths = this.views.get(event.site)
    if (paths === undefined) this.views.set(event.site, (paths = new Map()))
    paths.set(event.path, (paths.get(event.path) ?? 0) + gained)
  }

  /** Runs gained: +1 starts one, 0 extends one, negative joins some. */
  private addPoint(slot: number, event: Event, timeout: number, grain: number): number {
    const before = this.runs[slot]
    const after = addPoint(before, event.t - dayBase(event.day), timeout, grain)
    if (after === before) return 0
    this.runs[slot] = after
    return countRuns(after) - countRuns(before)
  }

  private raiseOnline(event: Event): void {
    if (event.onlineId !== null) this.online.push({ site: event.site, onlineId: event.onlineId, t: event.t })
  }

  private day(event: Event): DayDelta {
    const key = `${event.day} ${event.site}`
    let delta = this.days.get(key)
    if (delta === undefined) {
      this.days.set(key, (delta = { site: event.site, day: event.day, pageviews: 0, visits: 0, visitors: 0 }))
    }
    return delta
  }

  /** What came before it in the batch leaves nothing, as if it had come in an earlier one. */
  private erase(site: string): void {
    const { runs, ids } = this.plan
    for (const [slot, key] of runs.entries()) if (key.site === site) this.held[slot] = this.runs[slot] = NO_STRETCHES
    for (const [slot, key] of ids.entries()) if (key.site === site) this.known[slot] = false
    this.newIds = this.newIds.filter((slot) => ids[slot].site !== site)
    this.online = this.online.filter((raise) => raise.site !== site)
    for (const [key, delta] of this.days) if (delta.site === site) this.days.delete(key)
    this.views.delete(site)
    this.erased.add(site)
  }

  operations(): Operations {
    const changedRuns: number[] = []
    for (let slot = 0; slot < this.runs.length; slot++) {
      if (this.runs[slot] !== this.held[slot]) changedRuns.push(slot)
    }
    return {
      plan: this.plan,
      erased: [...this.erased],
      changedRuns,
      runs: this.runs,
      newIds: this.newIds,
      online: this.online,
      counters: [...this.days.values()].flatMap(countersOf),
      views: [...this.views].flatMap(([site, paths]) => [...paths].map(([path, delta]) => ({ site, path, delta }))),
      outcomes: this.outcomes,
      streamTimeMs: this.streamTimeMs,
    }
  }
}

type DayDelta = { -readonly [K in keyof DayNumbers]: DayNumbers[K] }

/** Longer periods are sums of local days, so a day's delta goes to all its buckets. */
export function countersOf({ site, day, pageviews, visits, visitors }: DayNumbers): CounterDelta[] {
  return Object.values(bucketsOf(day)).map((bucket) => ({ site, bucket, pageviews, visits, visitors }))
}
