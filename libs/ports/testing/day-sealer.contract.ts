import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import type { DaySealer, EventStore, StoredEvent } from '#ports'
import { recountNumbers, recountViews } from './event-store.recount.js'
import { DAY, newSite, overlappingBatches, type Sketch, storedEvent, streamOf } from './stored-events.js'

export interface DaySealerUnderTest {
  readonly store: EventStore
  readonly sealer: DaySealer
  /** As the log has them; hundreds, because every test seals a partition of its own. */
  readonly partitions: number
  /** As in EventStoreUnderTest. */
  crash(): Promise<void>
  dispose(): Promise<void>
}

const PATHS = ['/', '/a', '/tin-tức', '/nowhere']
const SPANS = [
  [0, 100_000],
  [DAY, DAY],
  [DAY + 1, DAY + 2],
  [DAY - 9, DAY - 1],
] as const

/** What every DaySealer adapter promises, together with the EventStore over the same rows. */
export function daySealerContract(name: string, open: () => Promise<DaySealerUnderTest>): void {
  describe(`${name} as DaySealer`, () => {
    let current: DaySealerUnderTest | undefined
    beforeAll(async () => {
      current = await open()
    })
    afterAll(() => current?.dispose())

    /** A site alone in a partition that nobody used before, with some events. */
    const siteWith = async (sketches: readonly Omit<Sketch, 'site' | 'offset' | 'partition'>[]) => {
      const { store, sealer, partitions } = current!
      const partition = newPartition(partitions)
      const site = siteIn(partition, partitions)
      const rows = sketches.map((sketch, offset) => storedEvent({ ...sketch, site, offset, partition }))
      await store.insert({ partition, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
      return { store, sealer, partition, site, rows }
    }
    const pageviews = async (site: string, day: number) => (await current!.store.numbers(site, day, day)).pageviews

    it('has sealed nothing at first', async () => {
      const { sealer, partition } = await siteWith([{ at: 0 }])
      expect(await sealer.sealedThrough(partition)).toBeNull()
    })

    it('seals a partition through a day, events or not, and never goes back', async () => {
      const { sealer, partition } = await siteWith([])
      await sealer.seal(partition, DAY + 3)
      expect(await sealer.sealedThrough(partition)).toBe(DAY + 3)
      await sealer.seal(partition, DAY)
      expect(await sealer.sealedThrough(partition)).toBe(DAY + 3)
    })

    it('leaves another partition as it is', async () => {
      const [one, other] = [await siteWith([{ at: 0 }]), await siteWith([{ at: 0 }])]
      await one.sealer.seal(one.partition, DAY)
      expect(await one.sealer.sealedThrough(other.partition)).toBeNull()
      await one.sealer.dropRaw(one.partition, DAY)
      expect(await pageviews(other.site, DAY)).toBe(1)
    })

    // day |   DAY    |   DAY+1  |
    //     |  sealed  |   open   |
    it('takes the rows of a sealed day for the truth, and raw events for the open ones', async () => {
      const { store, sealer, partition, site } = await siteWith([{ at: 0 }, { at: 86_400 }])
      await sealer.seal(partition, DAY)
      const late = [10, 86_410].map((at, n) => storedEvent({ site, partition, at, offset: 2 + n, visitor: `v${n}` }))
      await store.insert({ partition, from: 0, next: 4, appendedAtMs: 0 }, late)
      expect([await pageviews(site, DAY), await pageviews(site, DAY + 1)]).toEqual([1, 2])
    })

    it('does not count an id again in an open day that a sealed day counted', async () => {
      const { store, sealer, partition, site } = await siteWith([{ at: 0, id: 'same', path: '/a' }])
      await sealer.seal(partition, DAY)
      const copy = storedEvent({ site, partition, offset: 1, at: 86_400, idAt: 7, id: 'same', path: '/b' })
      await store.insert({ partition, from: 0, next: 2, appendedAtMs: 0 }, [copy])
      expect(await pageviews(site, DAY + 1)).toBe(0)
      expect([...(await store.views(site, ['/a', '/b']))]).toEqual([
        ['/a', 1],
        ['/b', 0],
      ])
    })

    it('has nothing of an erased site, sealed or not, and all of another', async () => {
      const one = await siteWith([{ at: 0, path: '/a' }, { at: 86_400 }])
      const other = siteIn(one.partition, current!.partitions)
      const row = storedEvent({ site: other, partition: one.partition, offset: 2, at: 0 })
      await one.store.insert({ partition: one.partition, from: 0, next: 3, appendedAtMs: 0 }, [row])
      await one.sealer.seal(one.partition, DAY)
      await one.store.erase(one.site)
      expect(await one.store.numbers(one.site, DAY, DAY + 1)).toEqual({ pageviews: 0, visits: 0, visitors: 0 })
      expect(await one.store.views(one.site, ['/a'])).toEqual(new Map([['/a', 0]]))
      expect(await pageviews(other, DAY)).toBe(1)
    })

    it('seals all that has gathered in a year of silence', async () => {
      const days = [0, 1, 40, 200, 365]
      const { store, sealer, partition, site } = await siteWith(days.map((day) => ({ at: day * 86_400 })))
      await sealer.seal(partition, DAY + 364)
      await sealer.dropRaw(partition, DAY + 364)
      expect(await store.numbers(site, DAY, DAY + 365)).toEqual({ pageviews: 5, visits: 5, visitors: 5 })
      expect(await store.numbers(site, DAY + 2, DAY + 199)).toEqual({ pageviews: 1, visits: 1, visitors: 1 })
      expect(await store.views(site, ['/'])).toEqual(new Map([['/', 5]]))
    })

    it('drops raw events of sealed days only', async () => {
      const { store, sealer, partition, site } = await siteWith([{ at: 0 }, { at: 86_400 }, { at: 2 * 86_400 }])
      await sealer.dropRaw(partition, DAY + 2)
      expect((await store.numbers(site, DAY, DAY + 2)).pageviews).toBe(3)
      await sealer.seal(partition, DAY)
      await sealer.dropRaw(partition, DAY + 2)
      expect((await store.numbers(site, DAY, DAY + 2)).pageviews).toBe(3)
      await sealer.seal(partition, DAY + 2)
      expect((await store.numbers(site, DAY, DAY + 2)).pageviews).toBe(3)
    })

    it('gives the numbers of a recount whatever is sealed, sealed again, and dropped', async () => {
      const property = fc.asyncProperty(
        fc.constant(null).chain(() => streamOf(newSite())),
        fc.integer({ min: -1, max: 4 }),
        fc.boolean(),
        async (stream, sealed, drops) => {
          const { store, sealer, partitions } = current!
          const partition = newPartition(partitions)
          const site = siteIn(partition, partitions)
          const rows = stream.map((row): StoredEvent => ({ ...row, partition, event: { ...row.event, site } }))
          for (const batch of overlappingBatches(rows, [20]))
            await store.insert({ partition, from: 0, next: rows.length, appendedAtMs: 0 }, batch)
          await sealer.seal(partition, DAY + sealed)
          await sealer.seal(partition, DAY + sealed)
          if (drops) await sealer.dropRaw(partition, DAY + sealed - 7)
          for (const [from, to] of SPANS)
            expect(await store.numbers(site, from, to)).toEqual(recountNumbers(rows, from, to))
          const expected = new Map(PATHS.map((path) => [path, recountViews(rows, path)]))
          expect(await store.views(site, PATHS)).toEqual(expected)
          await sealer.seal(partition, DAY + 30)
          await sealer.dropRaw(partition, DAY + 30)
          for (const [from, to] of SPANS)
            expect(await store.numbers(site, from, to)).toEqual(recountNumbers(rows, from, to))
          expect(await store.views(site, PATHS)).toEqual(expected)
        },
      )
      await fc.assert(property, { numRuns: 5, endOnFailure: true })
    })

    it('keeps its rows over a crash, and what a crash cut short is done by sealing again', async () => {
      const { store, sealer, partition, site } = await siteWith([{ at: 0 }, { at: 86_400 }])
      await sealer.seal(partition, DAY)
      const cutShort = sealer.seal(partition, DAY + 1).catch(() => 'failed')
      await current!.crash()
      await cutShort
      expect((await store.numbers(site, DAY, DAY + 1)).pageviews).toBe(2)
      await sealer.seal(partition, DAY + 1)
      await sealer.dropRaw(partition, DAY + 1)
      expect((await store.numbers(site, DAY, DAY + 1)).pageviews).toBe(2)
      expect(await sealer.sealedThrough(partition)).toBe(DAY + 1)
    })
  })
}

/** Some partition that no test used before; 0 is that of the tests which seal nothing. */
let used = Math.floor(Math.random() * 1e6)
export function newPartition(partitions: number): number {
  return 1 + (used++ % (partitions - 1))
}

export function siteIn(partition: number, partitions: number): string {
  for (;;) {
    const site = newSite()
    if (partitionOf(site, partitions) === partition) return site
  }
}
