import { afterEach, expect, it } from 'vitest'
import { dayBucket, type Event, NO_TALLY, partitionOf, reduce, rememberOperations, seedOperations } from '#domain'
import { bytesOf, eventOf, FIRST_DAY } from '#domain/testing'
import { apply, type CountersUnderTest, planOf, readAll } from './counters.under-test.js'

const SEVEN = { pageviews: 7, visits: 3, visitors: 2 }

/** What a rebuild of one partition promises. */
export function rebuildRules(open: () => Promise<CountersUnderTest>): void {
  let current: CountersUnderTest | undefined
  afterEach(async () => {
    await current?.dispose()
    current = undefined
  })
  const start = async () => (current = await open())

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
    expect(await counters.tally(partitionOf('aa', partitions))).toEqual({ base: 40, next: 40, tally: NO_TALLY })
    const later = eventOf({ ...event, id: bytesOf(16, 3), t: event.t + 60 })
    await apply(current, 'aa', [event, later])
    const tally = { ...NO_TALLY, counted: 1, repeat: 1 }
    expect(await counters.tally(partitionOf('aa', partitions))).toEqual({ base: 40, next: 42, tally })
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
