import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { eraseEvent, type Event, idDayClosesAtMs, idDayOf, partitionOf, reduce } from '#domain'
import { batchesOf, bytesOf, eventOf, FIRST_DAY, recount, streams } from '#domain/testing'
import type { CounterReader } from '#ports'
import { rebuildRules } from './counters.rebuild.js'
import {
  apply,
  applyAt,
  type CountersUnderTest,
  LONGEST_WINDOW_SECONDS,
  planOf,
  readAll,
} from './counters.under-test.js'

const SITES = ['aa', 'bb', 'cc']
/** What every Counters and CounterReader adapter promises. */
export function countersContract(name: string, open: () => Promise<CountersUnderTest>): void {
  describe(`${name} as Counters`, () => {
    let current: CountersUnderTest | undefined
    afterEach(async () => {
      await current?.dispose()
      current = undefined
    })
    const start = async () => (current = await open())

    it('has no state at first, and then says nothing rather than zero', async () => {
      const { counters } = await start()
      expect(await counters.next(0)).toBeNull()
      await expect(readAll(counters, 'aa', ['t'])).rejects.toThrow()
      await expect(counters.views('aa', ['/'])).rejects.toThrow()
    })

    it('says zero for a site without events once the log was seen to its end', async () => {
      const { counters, partitions } = await start()
      await counters.caughtUp(partitionOf('aa', partitions), 0, 1000)
      const reading = await readAll(counters, 'aa', ['t'])
      expect(reading).toMatchObject({ online: 0, asOfMs: 1000, buckets: [{ pageviews: 0, visits: 0, visitors: 0 }] })
    })

    it('applies a commit once, whoever tries it again', async () => {
      const { counters } = await start()
      const partition = 0
      const site = siteOf(current!.partitions, partition)
      const plan = planOf([eventOf({ site })])
      const operations = reduce(plan, await counters.load(partition, plan))
      expect(await counters.commit(partition, 0, operations, 1)).toEqual({ applied: true })
      expect(await counters.commit(partition, 0, operations, 1)).toEqual({ applied: false, current: 1 })
      expect(await counters.commit(partition, 7, operations, 8)).toEqual({ applied: false, current: 1 })
      expect((await readAll(counters, site, ['t'])).buckets[0].pageviews).toBe(1)
    })

    it('knows what became of every record since the state began, over a new start', async () => {
      const { counters, partitions } = await start()
      const partition = partitionOf('aa', partitions)
      expect(await counters.tally(partition)).toBeNull()
      const view = eventOf({ site: 'aa' })
      const other = (type: 'heartbeat' | 'leave') => eventOf({ site: 'aa', type, id: bytesOf(16, 8) })
      const batch = [view, view, other('heartbeat'), other('leave'), eraseEvent('aa', view.receivedAtMs)]
      await applyAt(counters, partition, batch)
      const late = eventOf({ site: 'aa', id: bytesOf(16, 9) })
      await applyAt(counters, partition, [late], late.receivedAtMs + 2 * 86_400_000)
      const tally = { counted: 1, repeat: 1, heartbeat: 1, leave: 1, erase: 1, too_late: 1, poison: 0 }
      expect(await counters.tally(partition)).toEqual({ base: 0, next: 6, tally })
      await current!.persist()
      current = await current!.reopen()
      expect(await current.counters.tally(partition)).toEqual({ base: 0, next: 6, tally })
    })

    it('gives the numbers of a brute-force recount, whatever the order, the batches and the times it was opened anew', async () => {
      await fc.assert(
        fc.asyncProperty(
          streams({ maxLength: 80, sites: SITES }),
          fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 0, max: 5 }),
          async (events, sizes, reopenAfter) => {
            await current?.dispose()
            await start()
            await replay(events, sizes, reopenAfter)
            for (const site of SITES) await expectRecount(current!.counters, site, events)
          },
        ),
        { numRuns: 25 },
      )
    })

    it('goes on from the durable state after an end without warning, when the rest is applied again', async () => {
      await start()
      const events = Array.from({ length: 300 }, (_, n) =>
        eventOf({ site: 'aa', id: bytesOf(16, n), visitor: bytesOf(8, n % 40), path: `/${n % 7}` }),
      )
      await apply(current!, 'aa', events.slice(0, 200))
      await current!.persist()
      await apply(current!, 'aa', events.slice(200))
      current = await current!.reopen()
      const next = (await current.counters.next(partitionOf('aa', current.partitions)))!
      expect([200, 300]).toContain(next)
      await apply(current, 'aa', events.slice(next))
      await expectRecount(current.counters, 'aa', events)
    })

    it('remembers an id for 72 hours of stream time, and lets go of it some time after', async () => {
      const { counters, partitions } = await start()
      const partition = partitionOf('aa', partitions)
      const event = eventOf({ site: 'aa' })
      const appendedAtMs = event.receivedAtMs
      await applyAt(counters, partition, [event], appendedAtMs)
      const repeat = planOf([event])
      await applyAt(counters, partition, [eventOf({ site: 'aa', id: bytesOf(16, 2) })], appendedAtMs + 72 * 3600 * 1000)
      await current!.persist()
      expect((await counters.load(partition, repeat)).known).toEqual([true])
      await applyAt(
        counters,
        partition,
        [eventOf({ site: 'aa', id: bytesOf(16, 3) })],
        idDayClosesAtMs(idDayOf(appendedAtMs)) + 1,
      )
      await current!.persist()
      expect((await counters.load(partition, repeat)).known).toEqual([false])
    })

    it('counts an online id from just after the window begins to its end, at its latest time', async () => {
      const { counters, partitions } = await start()
      const site = 'aa'
      const t = FIRST_DAY * 86_400
      const beat = (n: number, second: number): Event =>
        eventOf({ site, type: 'heartbeat', t: t + second, onlineId: bytesOf(8, n), visitor: bytesOf(8, n) })
      await applyAt(
        counters,
        partitionOf(site, partitions),
        [beat(1, 0), beat(2, 300), beat(2, 100), beat(3, 301)],
        t * 1000,
      )
      const online = async (after: number, until: number) =>
        (await counters.read(site, { buckets: [], onlineAfter: t + after, onlineUntil: t + until })).online
      expect(await online(-1, 300)).toBe(2)
      expect(await online(0, 300)).toBe(1)
      expect(await online(0, 301)).toBe(2)
    })

    it('holds of an erased site what came after, wherever the erasure lies in a batch and whenever it was opened anew', async () => {
      const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(
          streams({ maxLength: 60, sites: SITES }),
          fc.nat(60),
          sizes,
          fc.integer({ min: 0, max: 5 }),
          async (events, place, cuts, reopenAfter) => {
            await current?.dispose()
            await start()
            const before = events.slice(0, place)
            const erasure = eraseEvent('aa', FIRST_DAY * 86_400_000)
            await replay([...before, erasure, ...events.slice(place)], cuts, reopenAfter, 0)
            const left = events.filter((event, n) => n >= place || event.site !== 'aa')
            for (const site of SITES) await expectRecount(current!.counters, site, left)
          },
        ),
        { numRuns: 25 },
      )
    })

    it('says with every reading the offset before which everything is in it, and which sites the state has', async () => {
      const { counters, partitions } = await start()
      const partition = partitionOf('aa', partitions)
      expect(await counters.sites(partition)).toEqual([])
      await counters.caughtUp(partition, 0, 1000)
      expect((await readAll(counters, 'aa', ['t'])).next).toBe(0)
      await apply(current!, 'aa', [eventOf({ site: 'aa' })])
      await apply(
        current!,
        'aa',
        [2, 3].map((n) => eventOf({ site: 'aa', id: bytesOf(16, n) })),
      )
      const other = siteOf(partitions, partition)
      await apply(current!, other, [eventOf({ site: other })])
      await current!.persist()
      current = await current!.reopen()
      const reading = await readAll(current.counters, 'aa', ['t'])
      expect([reading.next, reading.buckets[0].pageviews]).toEqual([4, 3])
      expect((await current.counters.views('aa', ['/'])).next).toBe(4)
      expect([...(await current.counters.sites(partition))].sort()).toEqual(['aa', other])
      await apply(current, 'aa', [eraseEvent('aa', FIRST_DAY * 86_400_000)])
      expect(await current.counters.sites(partition)).toEqual([other])
    })

    it('counts an id again that it had counted before the erasure, and nothing else comes back', async () => {
      const { partitions } = await start()
      const views = [1, 2, 3].map((n) =>
        eventOf({ site: 'aa', id: bytesOf(16, n), visitor: bytesOf(8, n), onlineId: bytesOf(8, n), path: `/${n}` }),
      )
      await apply(current!, 'aa', views)
      await current!.persist()
      await apply(current!, 'aa', [eraseEvent('aa', views[0].receivedAtMs)])
      await current!.persist()
      current = await current!.reopen()
      expect(await current.counters.next(partitionOf('aa', partitions))).toBe(4)
      await apply(current, 'aa', [views[0]])
      await expectRecount(current.counters, 'aa', [views[0]])
      expect((await current.counters.views('aa', ['/1', '/2', '/3'])).views).toEqual([1, 0, 0])
    })

    rebuildRules(open)

    async function replay(
      events: readonly Event[],
      sizes: readonly number[],
      reopenAfter: number,
      repeats = 5,
    ): Promise<void> {
      let batches = 0
      for (const batch of batchesOf([...events, ...events.slice(0, repeats)], sizes)) {
        for (const site of SITES)
          await apply(
            current!,
            site,
            batch.filter((event) => event.site === site),
          )
        if (++batches === reopenAfter) {
          await current!.persist()
          current = await current!.reopen()
        }
      }
      for (let partition = 0; partition < current!.partitions; partition++) {
        await current!.counters.caughtUp(
          partition,
          (await current!.counters.next(partition)) ?? 0,
          Date.UTC(2025, 11, 1),
        )
      }
    }
  })
}

async function expectRecount(counters: CounterReader, site: string, events: readonly Event[]): Promise<void> {
  const expected = recount(events, site)
  const buckets = [...expected.buckets.keys()]
  const latest = Math.max(...events.map((event) => event.t))
  const reading = await readAll(counters, site, buckets, latest)
  expect(new Map(buckets.map((bucket, i) => [bucket, reading.buckets[i]]))).toEqual(expected.buckets)
  expect(reading.online).toBe(expected.online(latest - LONGEST_WINDOW_SECONDS, latest))
  const paths = [...expected.views.keys()]
  const { views } = await counters.views(site, paths)
  expect(new Map(paths.map((path, i) => [path, views[i]]))).toEqual(expected.views)
}

/** Some site that lives in the partition. */
function siteOf(partitions: number, partition: number): string {
  for (let n = 0; ; n++) if (partitionOf(`site${n}`, partitions) === partition) return `site${n}`
}
