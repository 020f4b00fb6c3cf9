import { randomBytes } from 'node:crypto'
import type { BatchPlan, Operations, Records } from '#domain'
import { COMMIT } from '../connection/scripts.js'
import { encodeTally, type KnownState, type Place, readOf, runOn } from './known-state.js'
import { type Loaded, LookUp } from './look-up.js'
import { StateChange } from './state-change.js'

/** A field of the root that must have this value for a state to be written. */
export interface Guard {
  readonly field: string
  readonly value: string
}

export interface StateWriterOptions {
  readonly place: Place
  /** Reads the state anew, when it is not the known one any more. */
  readonly open: () => Promise<KnownState>
  readonly guard: (state: KnownState) => Guard
}

const ATTEMPTS = 3
const INSTANCE = randomBytes(9).toString('base64')
let commits = 0

/** Loads and commits records of one state, each in one round trip while nobody else changes it. */
export class StateWriter {
  private known: KnownState | undefined
  private readonly loaded = new WeakMap<BatchPlan, Loaded>()

  constructor(private readonly options: StateWriterOptions) {}

  async state(): Promise<KnownState> {
    return (this.known ??= await this.options.open())
  }

  /** What is known was changed by another, or may have been. */
  forget(): void {
    this.known = undefined
  }

  async load(plan: BatchPlan): Promise<Records> {
    return (await this.loadedOf(plan)).records
  }

  /** Whether it was applied: only to the very state from which the plan's records were loaded. */
  async commit(expectedNext: number, operations: Operations, next: number): Promise<boolean> {
    const loaded = this.loaded.get(operations.plan) ?? (await this.loadedOf(operations.plan))
    const known = await this.state()
    if ((known.next ?? 0) !== expectedNext || known.stamp !== loaded.stamp) return false
    const change = new StateChange(known, operations, loaded)
    const stamp = `${INSTANCE}${(++commits).toString(36)}`
    this.forget()
    if (!(await this.apply(known, change, stamp, next))) return false
    this.known = change.applied(next, stamp)
    return true
  }

  private async apply(known: KnownState, change: StateChange, stamp: string, next: number): Promise<boolean> {
    const { field, value } = this.options.guard(known)
    const args = [
      field,
      value,
      known.next ?? 0,
      known.stamp,
      stamp,
      next,
      change.streamTimeMs,
      encodeTally(change.tally),
    ]
    return (await runOn(this.options.place, known.gen, COMMIT, change.calls, args)) === 1
  }

  private async loadedOf(plan: BatchPlan): Promise<Loaded> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = await this.state()
      const lookUp = new LookUp(known, plan)
      const { liveGen, header, values } = await readOf(this.options.place, known.gen, lookUp.calls)
      const { field, value } = this.options.guard(known)
      if (header.stamp === known.stamp && (field !== 'gen' || value === liveGen)) {
        const loaded = lookUp.take(values)
        this.loaded.set(plan, loaded)
        return loaded
      }
      this.forget()
    }
    throw new Error('Another process writes these counters too')
  }
}
