import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketsOfDays, type StoreCut, WHOLE_STORE } from '#domain'
import type { DaySealer, EventStore, RecountSource, StoredEvent } from '#ports'
import { newPartition, siteIn } from './day-sealer.contract.js'
import { recountNumbers, recountViews } from './event-store.recount.js'
import { ODD_TEXTS } from './event-store.rules.js'
import { DAY, overlappingBatches, type Sketch, storedEvent, streamOf } from './stored-events.js'

export interface RecountSourceUnderTest {
  readonly store: EventStore
  readonly sealer: DaySealer
  readonly source: RecountSource
  /** As in DaySealerUnderTest. */
  readonly partitions: number
  dispose(): Promise<void>
}

const PATHS = ['/', '/a', '/tin-tức', '/nowhere']

/** What every RecountSource adapter promises, together with the EventStore and the DaySealer over the same rows. */
export function recountSourceContract(name: string, open: () => Promise<RecountSourceUnderTest>): void {
  describe(`${name} as RecountSource`, () => {
    let current: RecountSourceUnderTest | undefined
    beforeAll(async () => {
      current = await open()
    })
    afterAll(() => current?.dispose())

    const newSites = () => {
      const partition = newPartition(current!.partitions)
      return { partition, site: siteIn(partition, current!.partitions) }
    }
    const siteWith = async (sketches: readonly Omit<Sketch, 'site' | 'offset' | 'partition'>[]) => {
      const { partition, site } = newSites()
      const rows = sketches.map((sketch, offset) => storedEvent({ ...sketch, site, offset, partition }))
      await current!.store.insert({ partition, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
      return { ...current!, partition, site }
    }
    const pageviews = async (site: string, cut: StoreCut) =>
      Object.fromEntries((await current!.source.days(site, cut)).map(({ day, pageviews }) => [day - DAY, pageviews]))
    const paths = async (site: string) => {
      const all: string[][] = []
      for (let last: string | undefined = ''; last !== undefined; last = all.at(-1)!.at(-1)) {
        all.push([...(await current!.source.pathsAfter(site, last))])
      }
      return all
    }

    it('gives at a cut the numbers of a recount of what lies before it, whatever was written twice', async () => {
      const property = fc.asyncProperty(
        fc.constant(null).chain(() => {
          const { site, partition } = newSites()
          return streamOf(site).map((rows) => rows.map((row) => ({ ...row, partition })))
        }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 100 }),
        async (rows, sizes, share) => {
          const { store, source } = current!
          const { event, partition } = rows[0] as StoredEvent
          for (const batch of overlappingBatches(rows, sizes))
            await store.insert({ partition, from: 0, next: rows.length, appendedAtMs: 0 }, batch)
          const before = Math.round((rows.length * share) / 100)
          for (const cut of [{ before, closedThrough: -1 }, WHOLE_STORE]) {
            const counted = rows.filter((row) => row.offset < cut.before)
            const total = bucketsOfDays(await source.days(event.site, cut)).get('t')
            expect(total ?? { pageviews: 0, visits: 0, visitors: 0 }).toEqual(recountNumbers(counted, 0, 100_000))
            const views = new Map(PATHS.map((path) => [path, recountViews(counted, path)]))
            expect(await source.viewsAt(event.site, PATHS, cut)).toEqual(views)
          }
          // A copy that says another path than the one that counts may be there still, or have collapsed.
          const said = PATHS.filter((path) => rows.some(({ event }) => event.type === 'view' && event.path === path))
          const found = (await paths(event.site)).flat()
          expect(found).toHaveLength(new Set(found).size)
          expect(said).toEqual(expect.arrayContaining(found))
          expect(found).toEqual(expect.arrayContaining(PATHS.filter((path) => recountViews(rows, path) > 0)))
        },
      )
      await fc.assert(property, { numRuns: 8, endOnFailure: true })
    })

    // day     |  DAY   | DAY+1 |  DAY  | DAY+2
    // offset  |   0    |   1   |   2   |   3
    it('takes a sealed day for closed only as far as the cut says', async () => {
      const { site, partition, sealer, source } = await siteWith([
        { at: 0 },
        { at: 86_400 },
        { at: 9000 },
        { at: 2 * 86_400 },
      ])
      await sealer.seal(partition, DAY + 1)
      expect(await pageviews(site, WHOLE_STORE)).toEqual({ 0: 2, 1: 1, 2: 1 })
      expect(await pageviews(site, { before: 2, closedThrough: DAY - 1 })).toEqual({ 0: 1, 1: 1 })
      expect(await pageviews(site, { before: 3, closedThrough: DAY })).toEqual({ 0: 2, 1: 1 })
      const views = async (cut: StoreCut) => (await source.viewsAt(site, ['/'], cut)).get('/')
      expect(await views({ before: 2, closedThrough: DAY - 1 })).toBe(2)
      await sealer.dropRaw(partition, DAY)
      expect(await pageviews(site, { before: 3, closedThrough: DAY })).toEqual({ 0: 2, 1: 1 })
      expect(await views(WHOLE_STORE)).toBe(4)
    })

    it('knows the sites of a partition, those of sealed rows alone and those of raw events', async () => {
      const { partition, site, sealer, source, store, partitions } = await siteWith([{ at: 0, path: '/sealed' }])
      const other = siteIn(partition, partitions)
      await store.insert({ partition, from: 0, next: 2, appendedAtMs: 0 }, [
        storedEvent({ site: other, partition, offset: 1, at: 5 * 86_400 }),
      ])
      await sealer.seal(partition, DAY)
      await sealer.dropRaw(partition, DAY)
      expect([...(await source.sites(partition))].sort()).toEqual([site, other].sort())
      expect(await source.sites(newPartition(partitions))).toEqual([])
      expect((await paths(site)).flat()).toEqual(['/sealed'])
    })

    it('gives every viewed path once, in pages, whatever its text', async () => {
      const named = [...ODD_TEXTS, ...Array.from({ length: 2300 }, (_, n) => `/${n}`)]
      const { site, source } = await siteWith([
        ...named.map((path, at) => ({ at, path, visitor: null })),
        { at: 0, path: '/of-an-event', type: 'event' as const },
      ])
      const pages = await paths(site)
      expect(pages.length).toBeGreaterThan(2)
      expect(pages.flat().sort()).toEqual([...named].sort())
      for (const page of pages)
        expect(new Set((await source.viewsAt(site, page, WHOLE_STORE)).values())).toEqual(
          new Set(page.length > 0 ? [1] : []),
        )
    })
  })
}
