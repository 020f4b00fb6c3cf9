import { describe, expect, it } from 'vitest'
import { encodeEvent, NO_TALLY, type Operations, unaccounted } from '#domain'
import { eventOf } from '#domain/testing'
import { Metrics } from '#metrics'
import type { Counters, DeadLetters, LogBatch, LogExtent } from '#ports'
import { CountersHandler } from './counters.handler.js'
import type { CountersRebuilder } from './counters.rebuilder.js'

const REBUILT = 77

/** Where the group goes on when its state stands at `next`, the store at `stored`, and the log holds `first` to `end`. */
function positionOf(next: number | null, stored: number | null, first: number, end: number): Promise<number> {
  const counters: Partial<Counters> = { next: async () => next }
  const rebuilder = { stored: async () => stored, rebuild: async () => REBUILT } as unknown as CountersRebuilder
  const letters: DeadLetters = { add: async () => undefined }
  const clock = { now: () => 0 }
  const extent: LogExtent = { first, end, signal: new AbortController().signal }
  const handler = new CountersHandler(counters as Counters, letters, new Metrics(), clock, rebuilder)
  return handler.position(0, extent)
}

it('accounts for every record of a batch, also those that nobody can read', async () => {
  const letters: string[] = []
  const commits: { operations: Operations; next: number }[] = []
  const counters: Partial<Counters> = {
    load: async (_, plan) => ({ runs: plan.runs.map(() => []), known: plan.ids.map(() => false) }),
    commit: async (_, __, operations, next) => {
      commits.push({ operations, next })
      return { applied: true }
    },
  }
  const deadLetters: DeadLetters = { add: async (added) => void letters.push(...added.map(({ reason }) => reason)) }
  const clock = { now: () => 0 }
  const rebuilder = {} as CountersRebuilder
  const handler = new CountersHandler(counters as Counters, deadLetters, new Metrics(), clock, rebuilder)
  const event = eventOf({ site: 'aa' })
  const bytes = [encodeEvent(event), Uint8Array.of(1, 2, 3), encodeEvent(event), new Uint8Array()]
  const records = bytes.map((one, n) => ({ offset: 10 + n, appendedAtMs: event.receivedAtMs, bytes: one }))
  const batch = { partition: 0, records, end: 14, signal: new AbortController().signal } as unknown as LogBatch
  expect(await handler.apply(batch)).toBe(14)
  const [{ operations, next }] = commits as [(typeof commits)[0]]
  expect(operations.outcomes).toEqual({ ...NO_TALLY, counted: 1, repeat: 1, poison: 2 })
  expect(unaccounted({ base: 10, next, tally: operations.outcomes })).toBe(0)
  expect(letters).toEqual(['poison', 'poison'])
})

describe('where the counters go on', () => {
  //                                          next  stored first end   goes on at
  it.each([
    ['where their state stands', /*        */ 90, 95, 50, 100, 90],
    ['there even when the store is away', /**/ 90, null, 50, 100, 90],
    ['there when all of the log is applied', 100, 90, 50, 100, 100],
    ['at the beginning of a new log', /*   */ null, 0, 0, 0, 0],
    ['at the beginning of a whole log', /* */ null, 90, 0, 100, 0],
    ['there when the store is away', /*    */ null, null, 0, 100, 0],
    ['from a rebuild without a state', /*  */ null, 90, 50, 100, REBUILT],
    ['from a rebuild behind the log', /*   */ 40, 90, 50, 100, REBUILT],
    ['from a rebuild once the store is back', null, null, 50, 100, REBUILT],
    ['nowhere when the log lost its past', /**/ null, 90, 0, 5, 90],
    ['nowhere when the store is behind it', null, 20, 50, 100, 20],
    ['nowhere when the log lost its end', /**/ 120, 90, 50, 100, 120],
  ])('%s', async (_, next, stored, first, end, position) => {
    expect(await positionOf(next, stored, first, end)).toBe(position)
  })
})
