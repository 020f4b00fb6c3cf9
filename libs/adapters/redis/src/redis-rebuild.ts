import { randomUUID } from 'node:crypto'
import { type BatchPlan, NO_TALLY, type Operations, type Records, seedOperations } from '#domain'
import type { CountersRebuild } from '#ports'
import { settled } from './connection/lua-script.js'
import { type KnownState, otherGenerations, type Place, switchTo, unusedGeneration } from './state/known-state.js'
import { StateWriter } from './state/state-writer.js'

/** A state of one partition that is made in a generation of its own, listed in the root before anything is written there. */
export class RedisRebuild implements CountersRebuild {
  private readonly writer: StateWriter
  private readonly token = randomUUID()
  private applied = 0

  private constructor(
    private readonly place: Place,
    readonly gen: string,
    private readonly whenLive: () => Promise<void>,
  ) {
    let opened = false
    const open = async () => {
      if (opened) throw new Error('What this rebuild wrote is not known any more: begin anew')
      opened = true
      return emptyState(gen)
    }
    this.writer = new StateWriter({ place, open, guard: () => this.guard })
  }

  static async begin(place: Place, whenLive: () => Promise<void>): Promise<RedisRebuild> {
    const rebuild = new RedisRebuild(place, await unusedGeneration(place), whenLive)
    await settled(place.client, () => place.client.hset(place.keys.root, rebuild.guard.field, rebuild.token))
    return rebuild
  }

  load(plan: BatchPlan): Promise<Records> {
    return this.writer.load(plan)
  }

  async apply(operations: Operations): Promise<void> {
    for (const part of partsOf(operations)) {
      if (!(await this.writer.commit(this.applied, part, this.applied + 1))) throw this.overtaken()
      this.applied++
    }
  }

  async finish(next: number): Promise<void> {
    const { live } = await otherGenerations(this.place)
    if (!(await switchTo(this.place, live, this.gen, this.guard, String(next)))) throw this.overtaken()
    await this.whenLive()
  }

  private get guard() {
    return { field: `g${this.gen}`, value: this.token }
  }

  private overtaken(): Error {
    return new Error(`Generation ${this.gen} of the counters is not this rebuild's any more`)
  }
}

/** Deltas of one commit: the numbers of all sealed days come at once, and Redis serves nobody else meanwhile. */
const DELTAS_AT_ONCE = 5000

/** Nobody reads a state before it is finished, so its operations need not come at once. */
function* partsOf(operations: Operations): Generator<Operations> {
  const { counters, views } = operations
  const slice = (at: number) => ({
    counters: counters.slice(at, at + DELTAS_AT_ONCE),
    views: views.slice(at, at + DELTAS_AT_ONCE),
  })
  yield { ...operations, ...slice(0) }
  for (let at = DELTAS_AT_ONCE; at < Math.max(counters.length, views.length); at += DELTAS_AT_ONCE) {
    yield { ...seedOperations([], []), ...slice(at) }
  }
}

function emptyState(gen: string): KnownState {
  const header = { next: null, stamp: '', streamTimeMs: 0, caughtUpAtMs: 0, base: 0, tally: NO_TALLY, isBroken: false }
  return { ...header, gen, groups: new Map(), closed: { hour: -1, groups: [] } }
}
