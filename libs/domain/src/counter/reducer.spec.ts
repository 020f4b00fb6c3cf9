import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchesOf, bytesOf, eventOf, FIRST_DAY, recount, streams } from '../../testing/index.js'
import { eraseEvent } from '../event/erase-event.js'
import type { Event } from '../event/event.js'
import { NO_STRETCHES, type Stretches } from '../visit/stretch.js'
import { BatchPlan, type RunKey } from './batch-plan.js'
import { reduce } from './reducer.js'
import { addTallies, NO_TALLY, unaccounted } from './tally.js'

/** Records in plain maps: what any Counters adapter does, without a disk. */
class Ledger {
  readonly runs = new Map<string, Stretches>()
  readonly ids = new Set<string>()
  readonly buckets = new Map<string, { pageviews: number; visits: number; visitors: number }>()
  readonly views = new Map<string, number>()
  outcomes = NO_TALLY

  apply(events: readonly Event[], appendedAtMs?: number): void {
    const plan = new BatchPlan(events.map((event) => ({ event, appendedAtMs: appendedAtMs ?? event.receivedAtMs })))
    const operations = reduce(plan, {
      runs: plan.runs.map((key) => this.runs.get(keyText(key)) ?? NO_STRETCHES),
      known: plan.ids.map((id) => this.ids.has(`${id.site} ${id.words.join()}`)),
    })
    for (const site of operations.erased) this.erase(site)
    for (const slot of operations.changedRuns) this.runs.set(keyText(plan.runs[slot]), operations.runs[slot])
    for (const slot of operations.newIds) this.ids.add(`${plan.ids[slot].site} ${plan.ids[slot].words.join()}`)
    for (const { site, bucket, ...delta } of operations.counters) {
      const key = `${site} ${bucket}`
      const sum = this.buckets.get(key) ?? { pageviews: 0, visits: 0, visitors: 0 }
      sum.pageviews += delta.pageviews
      sum.visits += delta.visits
      sum.visitors += delta.visitors
      this.buckets.set(key, sum)
    }
    for (const { site, path, delta } of operations.views) {
      this.views.set(`${site} ${path}`, (this.views.get(`${site} ${path}`) ?? 0) + delta)
    }
    this.outcomes = addTallies(this.outcomes, operations.outcomes)
    expect(unaccounted({ base: 0, next: events.length, tally: operations.outcomes })).toBe(0)
  }

  private erase(site: string): void {
    for (const map of [this.runs, this.ids, this.buckets, this.views]) {
      for (const key of map.keys()) if (key.startsWith(`${site} `)) map.delete(key)
    }
  }

  total(site = 'demo') {
    return this.buckets.get(`${site} t`)
  }
}

const keyText = (key: RunKey) => Object.values(key).join(' ')
const NOON = FIRST_DAY * 86_400 + 12 * 3600
const at = (minutes: number) => ({ t: NOON + minutes * 60, receivedAtMs: (NOON + minutes * 60) * 1000 })

describe('reduce', () => {
  it('counts a visitor, two visits and three page views', () => {
    //  minutes   0      20                 60
    //            view   view               view        1,800 s timeout
    const ledger = new Ledger()
    ledger.apply([0, 20, 60].map((minutes, n) => eventOf({ ...at(minutes), id: bytesOf(16, n) })))
    expect(ledger.total()).toEqual({ pageviews: 3, visits: 2, visitors: 1 })
    expect(ledger.views.get('demo /')).toBe(2)
  })

  it('counts a redelivered event once, in the same batch and in a later one', () => {
    const ledger = new Ledger()
    const event = eventOf(at(0))
    ledger.apply([event, event])
    ledger.apply([event])
    expect(ledger.total()).toEqual({ pageviews: 1, visits: 1, visitors: 1 })
    expect(ledger.outcomes).toEqual({ ...NO_TALLY, counted: 1, repeat: 2 })
  })

  it('counts the same id once on each of two sites', () => {
    const ledger = new Ledger()
    ledger.apply([eventOf({ site: 'a1' }), eventOf({ site: 'b1' })])
    expect(ledger.outcomes.counted).toBe(2)
  })

  it('counts a custom event as a point of a visit but not as a page view', () => {
    const ledger = new Ledger()
    ledger.apply([eventOf({ type: 'event', ...at(0) })])
    expect(ledger.total()).toEqual({ pageviews: 0, visits: 1, visitors: 1 })
    expect(ledger.views.size).toBe(0)
  })

  it('counts a view without visitor as a view of its path, and as a visit only when it came from elsewhere', () => {
    const ledger = new Ledger()
    ledger.apply([
      eventOf({ visitor: null, onlineId: null, entry: true, id: bytesOf(16, 1) }),
      eventOf({ visitor: null, onlineId: null, entry: false, id: bytesOf(16, 2) }),
    ])
    expect(ledger.total()).toEqual({ pageviews: 2, visits: 1, visitors: 0 })
    expect(ledger.views.get('demo /')).toBe(2)
  })

  it('adds a local day to its day, both its weeks, its month, its year and the total', () => {
    const ledger = new Ledger()
    ledger.apply([eventOf({ day: FIRST_DAY - 1 })])
    expect([...ledger.buckets.keys()].map((key) => key.slice(5)).toSorted()).toEqual(
      ['d2025-11-23', 'm2025-11', 't', 'wm2025-11-17', 'ws2025-11-23', 'y2025'].toSorted(),
    )
  })

  it('takes back a visit when a late event joins two', () => {
    const ledger = new Ledger()
    ledger.apply([eventOf({ ...at(0), id: bytesOf(16, 1) }), eventOf({ ...at(50), id: bytesOf(16, 2) })])
    expect(ledger.total()?.visits).toBe(2)
    ledger.apply([eventOf({ ...at(25), id: bytesOf(16, 3) })])
    expect(ledger.total()).toEqual({ pageviews: 3, visits: 1, visitors: 1 })
  })

  it('sets aside what waited over 24 h between receipt and log, and nothing that waited exactly that long', () => {
    const event = eventOf(at(0))
    const ledger = new Ledger()
    ledger.apply([event], event.receivedAtMs + 24 * 3600 * 1000 + 1)
    expect(ledger.outcomes).toEqual({ ...NO_TALLY, counted: 0, repeat: 0, too_late: 1 })
    ledger.apply([event], event.receivedAtMs + 24 * 3600 * 1000)
    expect(ledger.outcomes).toEqual({ ...NO_TALLY, counted: 1, repeat: 0, too_late: 1 })
  })

  it('leaves of an erased site what came behind, whether the erasure comes in the same batch or in a later one', () => {
    //  a view, its repeat, another visitor's view | erase | the first view again
    const [first, other] = [eventOf(at(0)), eventOf({ ...at(1), id: bytesOf(16, 2), visitor: bytesOf(8, 2) })]
    const stream = [first, first, other, eraseEvent('demo', first.receivedAtMs), first]
    for (const cuts of [[5], [3, 2], [4, 1], [1, 1, 1, 1, 1]]) {
      const ledger = new Ledger()
      for (const batch of batchesOf(stream, cuts)) ledger.apply(batch)
      expect([cuts, ledger.total(), ledger.views.get('demo /')]).toEqual([
        cuts,
        { pageviews: 1, visits: 1, visitors: 1 },
        1,
      ])
      expect(ledger.outcomes).toEqual({ ...NO_TALLY, counted: 3, repeat: 1, erase: 1 })
      expect([ledger.ids.size, ledger.runs.size]).toEqual([1, 2])
    }
  })

  it('leaves nothing but nothing when the erasure comes last, and erases however late it is', () => {
    const ledger = new Ledger()
    const event = eventOf(at(0))
    const plan = new BatchPlan([
      { event, appendedAtMs: event.receivedAtMs },
      { event: eraseEvent('demo', 0), appendedAtMs: event.receivedAtMs },
    ])
    const records = { runs: plan.runs.map(() => NO_STRETCHES), known: plan.ids.map(() => false) }
    const { erased, changedRuns, newIds, online, counters, views } = reduce(plan, records)
    expect({ erased, changedRuns, newIds, online, counters, views }).toEqual({
      erased: ['demo'],
      changedRuns: [],
      newIds: [],
      online: [],
      counters: [],
      views: [],
    })
    ledger.apply([event, eraseEvent('demo', event.receivedAtMs)])
    expect([ledger.buckets.size, ledger.views.size, ledger.ids.size, ledger.runs.size]).toEqual([0, 0, 0, 0])
  })

  it('gives the numbers of a brute-force recount for any order, any batches and any repeats', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 })
    const sites = ['aa', 'bb']
    fc.assert(
      fc.property(streams({ maxLength: 60, sites }), sizes, fc.infiniteStream(fc.nat()), (events, cuts, random) => {
        const repeated = [...events, ...events.filter(() => random.next().value % 4 === 0)]
        const arrival = repeated.map((event) => ({ event, key: random.next().value })).toSorted((a, b) => a.key - b.key)
        const ledger = new Ledger()
        for (const batch of batchesOf(
          arrival.map(({ event }) => event),
          cuts,
        ))
          ledger.apply(batch)
        for (const site of sites) {
          const expected = recount(events, site)
          const seen = [...ledger.buckets].filter(([key]) => key.startsWith(site))
          expect(new Map(seen.map(([key, values]) => [key.slice(3), values]))).toEqual(expected.buckets)
          const views = [...ledger.views].filter(([key]) => key.startsWith(site))
          expect(new Map(views.map(([key, count]) => [key.slice(3), count]))).toEqual(expected.views)
        }
      }),
      { numRuns: 400 },
    )
  })
})
