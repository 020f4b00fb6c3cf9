import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import type { EventStore, StoredEvent } from '#ports'
import { recountNumbers, recountViews } from './event-store.recount.js'
import { copyRules, numberRules, viewRules } from './event-store.rules.js'
import { DAY, newSite, overlappingBatches, storedEvent, streamOf } from './stored-events.js'

export interface EventStoreUnderTest {
  readonly store: EventStore
  /** In how many partitions the log has the sites. */
  readonly partitions: number
  /** Ends whatever keeps the rows as hard as it can be ended; resolves when `store` works again. */
  crash(): Promise<void>
  dispose(): Promise<void>
}

/** What every EventStore adapter promises. It is opened once; what it holds already does not matter. */
export function eventStoreContract(name: string, open: () => Promise<EventStoreUnderTest>): void {
  describe(`${name} as EventStore`, () => {
    let current: EventStoreUnderTest | undefined
    const opened = (): EventStoreUnderTest => current as EventStoreUnderTest
    const store = (): EventStore => opened().store
    beforeAll(async () => {
      current = await open()
    })
    afterAll(() => current?.dispose())
    positions(store, () => opened().partitions)
    numberRules(store)
    copyRules(store)
    viewRules(store)
    streams(store)
    erasure(store)
    durability(opened)
  })
}

function positions(store: () => EventStore, partitions: () => number): void {
  // Partitions are shared by all who use the store: numbers nobody else uses.
  const partition = Math.floor(Math.random() * 1e9) + 100

  it('the position of a partition never written is 0', async () => {
    expect(await store().position(partition)).toBe(0)
  })

  it('the position follows the inserts of its own partition, with rows or without', async () => {
    await store().insert({ partition, from: 0, next: 7, appendedAtMs: 0 }, [])
    await store().insert({ partition: partition + 1, from: 0, next: 1, appendedAtMs: 0 }, [
      storedEvent({ site: newSite(), offset: 0, at: 0 }),
    ])
    expect(await store().position(partition)).toBe(7)
    expect(await store().position(partition + 1)).toBe(1)
    await store().insert({ partition, from: 0, next: 10, appendedAtMs: 0 }, [
      storedEvent({ site: newSite(), offset: 9, at: 0 }),
    ])
    expect(await store().position(partition)).toBe(10)
  })

  it('is whole up to just before the last record that the position passed, for every site of the partition', async () => {
    const site = newSite()
    const until = await store().storedUntil(site)
    const atMs = Math.max(Date.now(), until ?? 0) + 10
    const own = partitionOf(site, partitions())
    const next = await store().position(own)
    await store().insert({ partition: own, from: 0, next: next + 5, appendedAtMs: atMs }, [])
    expect(await store().storedUntil(site)).toBe(atMs - 1)
    await store().insert({ partition: own, from: 0, next: next + 3, appendedAtMs: atMs - 9 }, [])
    expect(await store().storedUntil(site)).toBe(atMs - 1)
  })

  it('a batch that is written again late does not take the position back', async () => {
    await store().insert({ partition: partition + 2, from: 0, next: 50, appendedAtMs: 0 }, [])
    await store().insert({ partition: partition + 2, from: 0, next: 20, appendedAtMs: 0 }, [])
    expect(await store().position(partition + 2)).toBe(50)
  })

  it('the position does not move over what was never stored, and says where it stands', async () => {
    const place = { partition: partition + 4, appendedAtMs: 0 }
    expect(await store().insert({ ...place, from: 0, next: 50 }, [])).toBe(50)
    expect(await store().insert({ ...place, from: 51, next: 60 }, [])).toBe(50)
    expect(await store().position(place.partition)).toBe(50)
    expect(await store().insert({ ...place, from: 50, next: 60 }, [])).toBe(60)
    expect(await store().insert({ ...place, from: 20, next: 40 }, [])).toBe(60)
  })

  it('inserts of several partitions at once move each its own position, and none where something lacks', async () => {
    const places = [5, 6, 7, 8].map((n) => ({ partition: partition + n, appendedAtMs: n }))
    const froms = [0, 1, 0, 0]
    const at = (n: number) => ({ ...places[n]!, from: froms[n]!, next: 10 + n })
    const row = (n: number) => storedEvent({ site: newSite(), offset: 9, at: n })
    const stands = await Promise.all(places.map((_, n) => store().insert(at(n), [row(n)])))
    expect(stands).toEqual([10, 0, 12, 13])
    expect(await Promise.all(places.map((place) => store().position(place.partition)))).toEqual(stands)
  })

  it('offsets beyond 32 bits keep their value', async () => {
    await store().insert({ partition: partition + 3, from: 0, next: 2 ** 53 - 1, appendedAtMs: 0 }, [])
    expect(await store().position(partition + 3)).toBe(2 ** 53 - 1)
  })
}

function streams(store: () => EventStore): void {
  it('any stream in any batches, with any repeats, gives the numbers of a recount', async () => {
    const property = fc.asyncProperty(
      fc.constant(null).chain(() => streamOf(newSite())),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      async (rows, sizes) => {
        const { site } = (rows[0] as StoredEvent).event
        for (const batch of overlappingBatches(rows, sizes))
          await store().insert({ partition: 0, from: 0, next: rows.length, appendedAtMs: 0 }, batch)
        for (const [from, to] of [
          [DAY, DAY + 20],
          [DAY, DAY],
          [DAY + 1, DAY + 2],
        ] as const) {
          expect(await store().numbers(site, from, to)).toEqual(recountNumbers(rows, from, to))
        }
        const paths = ['/', '/a', '/tin-tức', '/nowhere']
        const expected = new Map(paths.map((path) => [path, recountViews(rows, path)]))
        expect(await store().views(site, paths)).toEqual(expected)
      },
    )
    await fc.assert(property, { numRuns: 12, endOnFailure: true })
  })

  it('50,000 rows in one insert, and the same again, are 50,000 events', async () => {
    const site = newSite()
    const rows = Array.from({ length: 50_000 }, (_, offset) =>
      storedEvent({ site, offset, at: offset % 86_400, visitor: `v${offset % 500}`, path: `/${offset % 100}` }),
    )
    await store().insert({ partition: 0, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
    await store().insert({ partition: 0, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
    // Each visitor returns every 500 s, so it never leaves.
    expect(await store().numbers(site, DAY, DAY)).toEqual({ pageviews: 50_000, visits: 500, visitors: 500 })
  })
}

function erasure(store: () => EventStore): void {
  it('has nothing of an erased site, all of another, and takes new rows of it', async () => {
    const [site, other] = [newSite(), newSite()] as const
    const rows = [site, other].flatMap((one, n) =>
      [0, 1, 2].map((offset) => storedEvent({ site: one, offset: n * 3 + offset, at: offset, path: '/a' })),
    )
    await store().insert({ partition: 0, from: 0, next: 6, appendedAtMs: 0 }, rows)
    await store().erase(site)
    expect(await store().numbers(site, DAY, DAY)).toEqual({ pageviews: 0, visits: 0, visitors: 0 })
    expect(await store().views(site, ['/a'])).toEqual(new Map([['/a', 0]]))
    expect((await store().numbers(other, DAY, DAY)).pageviews).toBe(3)
    await store().insert({ partition: 0, from: 0, next: 8, appendedAtMs: 0 }, [storedEvent({ site, offset: 7, at: 9 })])
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })

  it('can be told again and of a site that it never had', async () => {
    const site = newSite()
    await store().erase(site)
    await store().insert({ partition: 0, from: 0, next: 1, appendedAtMs: 0 }, [storedEvent({ site, offset: 0, at: 0 })])
    await Promise.all([store().erase(site), store().erase(site)])
    await store().erase(site)
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(0)
  })
}

function durability(opened: () => EventStoreUnderTest): void {
  it('keeps what it acknowledged over a crash, and a batch that it did not acknowledge can be written again', async () => {
    const site = newSite()
    const { store } = opened()
    const partition = Math.floor(Math.random() * 1e9) + 100
    const rows = Array.from({ length: 30_000 }, (_, offset) => storedEvent({ site, offset, at: offset % 86_400 }))
    await store.insert({ partition, from: 0, next: 10_000, appendedAtMs: 0 }, rows.slice(0, 10_000))
    const unanswered = store
      .insert({ partition, from: 0, next: 30_000, appendedAtMs: 0 }, rows.slice(10_000))
      .catch(() => 'failed')
    await opened().crash()
    await unanswered
    expect(await store.position(partition)).toBeGreaterThanOrEqual(10_000)
    expect((await store.numbers(site, DAY, DAY)).pageviews).toBeGreaterThanOrEqual(10_000)
    await store.insert({ partition, from: 0, next: 30_000, appendedAtMs: 0 }, rows.slice(10_000))
    expect((await store.numbers(site, DAY, DAY)).pageviews).toBe(30_000)
    expect(await store.position(partition)).toBe(30_000)
  })
}
