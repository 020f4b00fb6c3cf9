import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  BatchPlan,
  dayBucket,
  type Event,
  idDayClosesAtMs,
  idDayOf,
  partitionOf,
  reduce,
  rememberOperations,
  seedOperations,
} from '#domain'
import { batchesOf, bytesOf, eventOf, FIRST_DAY, recount, streams } from '#domain/testing'
import type { CounterReader, Counters } from '#ports'

export interface CountersUnderTest {
  readonly counters: Counters & CounterReader
  readonly partitions: number
  /** Makes everything durable, drops the instance without an orderly end where that is possible, and opens the same state anew. */
  reopen(): Promise<CountersUnderTest>
  /** Makes what was applied durable; an adapter whose commit is durable does nothing. */
  persist(): Promise<void>
  dispose(): Promise<void>
}

const SITES = ['aa', 'bb', 'cc']
/** The largest window a site may have: what is older is in no number and need not be remembered. */
const LONGEST_WINDOW_SECONDS = 1800

const SEVEN = { pageviews: 7, visits: 3, visitors: 2 }

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

    it('changes nothing for readers until a rebuild is finished, and never if it is not', async () => {
      const { counters, partitions } = await start()
      await apply(current!, 'aa', [eventOf({ site: 'aa' })])
      const rebuild = await counters.rebuild(partitionOf('aa', partitions))
      await rebuild.apply(seedOperations([{ site: 'aa', day: FIRST_DAY, ...SEVEN }], []))
      expect((await readAll(counters, 'aa', ['t'])).buckets[0].pageviews).toBe(1)
      await apply(current!, 'aa', [eventOf({ site: 'aa', id: bytesOf(16, 2) })])
      await current!.persist()
      current = await current!.reopen()
      expect((await readAll(current.counters, 'aa', ['t'])).buckets[0].pageviews).toBe(2)
    })

    it('has the new state in the place of the old one when a rebuild is finished, and nothing of the old one', async () => {
      const { partitions } = await start()
      const partition = partitionOf('aa', partitions)
      await apply(current!, 'aa', [eventOf({ site: 'aa', path: '/old', day: FIRST_DAY - 1 })])
      await current!.persist()
      await rebuildOf(current!, 'aa', 40)
      const expectNew = async ({ counters }: CountersUnderTest) => {
        expect(await counters.next(partition)).toBe(40)
        const buckets = ['t', dayBucket(FIRST_DAY), dayBucket(FIRST_DAY - 1), dayBucket(FIRST_DAY + 1)]
        const reading = await readAll(counters, 'aa', buckets)
        expect(reading.buckets.map((values) => values.pageviews)).toEqual([8, 7, 0, 1])
        expect((await counters.views('aa', ['/old', '/seeded', '/'])).views).toEqual([0, 5, 1])
      }
      await expectNew(current!)
      current = await current!.reopen()
      await expectNew(current)
    })

    it('goes on from a rebuilt state as from any other: repeats are known, runs are continued', async () => {
      await start()
      const event = await rebuildOf(current!, 'aa', 40)
      current = await current!.reopen()
      const { counters, partitions } = current
      const later = eventOf({ ...event, id: bytesOf(16, 3), t: event.t + 60 })
      await apply(current, 'aa', [event, later])
      expect(await counters.next(partitionOf('aa', partitions))).toBe(42)
      const [total] = (await readAll(counters, 'aa', ['t'])).buckets
      expect(total).toEqual({ pageviews: 9, visits: 4, visitors: 3 })
      expect((await counters.views('aa', ['/'])).views).toEqual([1])
    })

    it('knows an id that was only remembered, and counts nothing of it', async () => {
      const { counters, partitions } = await start()
      const rebuild = await counters.rebuild(partitionOf('aa', partitions))
      const event = eventOf({ site: 'aa' })
      await rebuild.apply(rememberOperations(planOf([event]), await rebuild.load(planOf([event]))))
      await rebuild.finish(1)
      await apply(current!, 'aa', [event])
      const { buckets, online } = await readAll(counters, 'aa', ['t'], event.t)
      expect([buckets[0].pageviews, online]).toEqual([0, 0])
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

    async function replay(events: readonly Event[], sizes: readonly number[], reopenAfter: number): Promise<void> {
      let batches = 0
      for (const batch of batchesOf([...events, ...events.slice(0, 5)], sizes)) {
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

/** Rebuilds the site's partition: a sealed day of seven page views, five views of a path, and one event the day after. */
async function rebuildOf({ counters, partitions }: CountersUnderTest, site: string, next: number): Promise<Event> {
  const event = eventOf({ site, day: FIRST_DAY + 1, t: (FIRST_DAY + 1) * 86_400, id: bytesOf(16, 2) })
  const rebuild = await counters.rebuild(partitionOf(site, partitions))
  const views = [{ site, path: '/seeded', delta: 5 }]
  await rebuild.apply(seedOperations([{ site, day: FIRST_DAY, ...SEVEN }], views))
  await rebuild.apply(reduce(planOf([event]), await rebuild.load(planOf([event]))))
  await rebuild.finish(next)
  return event
}

function planOf(events: readonly Event[], appendedAtMs?: number): BatchPlan {
  return new BatchPlan(events.map((event) => ({ event, appendedAtMs: appendedAtMs ?? event.receivedAtMs })))
}

async function apply(under: CountersUnderTest, site: string, events: readonly Event[]): Promise<void> {
  if (events.length > 0) await applyAt(under.counters, partitionOf(site, under.partitions), events)
}

async function applyAt(
  counters: Counters,
  partition: number,
  events: readonly Event[],
  appendedAtMs?: number,
): Promise<void> {
  const plan = planOf(events, appendedAtMs)
  const from = (await counters.next(partition)) ?? 0
  const operations = reduce(plan, await counters.load(partition, plan))
  expect(await counters.commit(partition, from, operations, from + events.length)).toEqual({ applied: true })
}

function readAll(counters: CounterReader, site: string, buckets: readonly string[], until = 0) {
  return counters.read(site, { buckets, onlineAfter: until - LONGEST_WINDOW_SECONDS, onlineUntil: until })
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
