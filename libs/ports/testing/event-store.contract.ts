import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventStore, StoredEvent } from '#ports'
import { recountNumbers, recountViews } from './event-store.recount.js'
import { DAY, overlappingBatches, storedEvent, streamOf } from './stored-events.js'
import type { Sketch } from './stored-events.js'

let sites = 0
/** Each test counts on a site of its own, so the store may be shared and need not be empty. */
const newSite = (): string => `s${process.pid.toString(36)}${Date.now().toString(36)}x${++sites}`

export interface EventStoreUnderTest {
  readonly store: EventStore
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
    positions(store)
    numbers(store)
    copies(store)
    views(store)
    streams(store)
    durability(opened)
  })
}

function positions(store: () => EventStore): void {
  // Partitions are shared by all who use the store: numbers nobody else uses.
  const partition = Math.floor(Math.random() * 1e9) + 100

  it('the position of a partition never written is 0', async () => {
    expect(await store().position(partition)).toBe(0)
  })

  it('the position follows the inserts of its own partition, with rows or without', async () => {
    await store().insert(partition, [], 7)
    await store().insert(partition + 1, [storedEvent({ site: newSite(), offset: 0, at: 0 })], 1)
    expect(await store().position(partition)).toBe(7)
    expect(await store().position(partition + 1)).toBe(1)
    await store().insert(partition, [storedEvent({ site: newSite(), offset: 9, at: 0 })], 10)
    expect(await store().position(partition)).toBe(10)
  })

  it('a batch that is written again late does not take the position back', async () => {
    await store().insert(partition + 2, [], 50)
    await store().insert(partition + 2, [], 20)
    expect(await store().position(partition + 2)).toBe(50)
  })

  it('offsets beyond 32 bits keep their value', async () => {
    await store().insert(partition + 3, [], 2 ** 53 - 1)
    expect(await store().position(partition + 3)).toBe(2 ** 53 - 1)
  })
}

type Case = readonly [
  name: string,
  sketches: readonly Partial<Sketch>[],
  pageviews: number,
  visits: number,
  visitors: number,
]

const NUMBERS: readonly Case[] = [
  ['nothing at all', [], 0, 0, 0],
  // 0 ----1800---- 1800 ----1800---- 3600
  ['gaps of exactly the timeout are one visit', [{ at: 0 }, { at: 1800 }, { at: 3600 }], 3, 1, 1],
  // 0 ----1801---- 1801
  ['a gap of one second more is a second visit', [{ at: 0 }, { at: 1801 }], 2, 2, 1],
  // a 0 ........... 1801    b .... 900 ....
  [
    'visits are those of one visitor',
    [
      { at: 0, visitor: 'a' },
      { at: 900, visitor: 'b' },
      { at: 1801, visitor: 'a' },
    ],
    3,
    3,
    2,
  ],
  // 0 (3600) ----400---- 400 (300) ----400---- 800 (3600): the later point's timeout is asked
  [
    'the timeout is the later point’s',
    [
      { at: 0, timeout: 3600 },
      { at: 400, timeout: 300 },
      { at: 800, timeout: 3600 },
    ],
    3,
    2,
    1,
  ],
  // 0 ----1000---- 1000 (3600) and 1000 (300): the smaller comes first and starts a visit
  [
    'of points in one second the smallest timeout comes first',
    [{ at: 0 }, { at: 1000, timeout: 3600 }, { at: 1000, timeout: 300 }],
    3,
    2,
    1,
  ],
  [
    'the same in the other order of arrival',
    [{ at: 1000, timeout: 300 }, { at: 1000, timeout: 3600 }, { at: 0 }],
    3,
    2,
    1,
  ],
  ['a custom event is a point but no page view', [{ at: 0, type: 'event' }, { at: 1800 }], 1, 1, 1],
  [
    'heartbeats and leaves are nothing',
    [{ at: 0 }, { at: 1700, type: 'heartbeat' }, { at: 1700, type: 'leave' }, { at: 3400 }],
    2,
    2,
    1,
  ],
  [
    'without visitor only entries are visits',
    [
      { at: 0, visitor: null, entry: true },
      { at: 1, visitor: null },
    ],
    2,
    1,
    0,
  ],
  ['an entry that is a custom event is no visit', [{ at: 0, visitor: null, entry: true, type: 'event' }], 0, 0, 0],
  [
    'an entry with a visitor is no extra visit',
    [
      { at: 0, entry: true },
      { at: 1, entry: true },
    ],
    2,
    1,
    1,
  ],
  // day | 23:59:59 | 00:00:00 |: a visitor of two days is two, and no visit crosses midnight
  ['days are summed', [{ at: 86_399 }, { at: 86_400 }], 2, 2, 2],
]

function numbers(store: () => EventStore): void {
  it.each(NUMBERS)('%s', async (_, sketches, pageviews, visits, visitors) => {
    const site = newSite()
    const rows = sketches.map((sketch, offset) => storedEvent({ at: 0, ...sketch, site, offset }))
    await store().insert(0, rows, rows.length)
    expect(await store().numbers(site, DAY, DAY + 1)).toEqual({ pageviews, visits, visitors })
  })

  it('only the days asked for count, both ends included', async () => {
    const site = newSite()
    const rows = [0, 1, 2, 3].map((day) => storedEvent({ site, offset: day, at: day * 86_400, visitor: `v${day}` }))
    await store().insert(0, rows, 4)
    expect((await store().numbers(site, DAY + 1, DAY + 2)).pageviews).toBe(2)
    expect((await store().numbers(site, DAY + 3, DAY + 3)).pageviews).toBe(1)
    expect((await store().numbers(site, DAY + 4, DAY + 9)).pageviews).toBe(0)
    expect((await store().numbers(site, 0, 100_000)).pageviews).toBe(4)
  })
}

function copies(store: () => EventStore): void {
  const twoCopies = (site: string): [StoredEvent, StoredEvent] => [
    storedEvent({ site, offset: 10, at: 100, id: 'same', path: '/first' }),
    storedEvent({ site, offset: 11, at: 86_400 + 100, id: 'same', path: '/second', idAt: 86_400 + 100 }),
  ]

  it.each([
    ['in order', [0, 1]],
    ['out of order', [1, 0]],
  ] as const)('of two copies in different days the lowest offset counts, stored %s', async (_, order) => {
    const site = newSite()
    const copies = twoCopies(site)
    for (const index of order) await store().insert(0, [copies[index]], 12)
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
    expect((await store().numbers(site, DAY + 1, DAY + 1)).pageviews).toBe(0)
    expect(await store().views(site, ['/first', '/second'])).toEqual(
      new Map([
        ['/first', 1],
        ['/second', 0],
      ]),
    )
  })

  it('a leave that carries the id of a view hides no view', async () => {
    const site = newSite()
    const leave = storedEvent({ site, offset: 0, at: 5, idAt: 0, id: 'shared', type: 'leave' })
    const view = storedEvent({ site, offset: 1, at: 5, idAt: 0, id: 'shared' })
    await store().insert(0, [leave], 1)
    await store().insert(0, [view], 2)
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })

  it('one id on two sites is two events', async () => {
    const both = [newSite(), newSite()] as const
    await store().insert(
      0,
      both.map((site, offset) => storedEvent({ site, offset, at: 0, id: 'same' })),
      2,
    )
    for (const site of both) expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })
}

/** Paths and other text as they could come at worst; NUL and controls are removed before, but must not break a batch. */
export const ODD_TEXTS: readonly string[] = [
  '/it\'s "quoted" \\ back\\slash `tick`',
  '/tab\tline\nreturn\r\0nul\u0001\u007f',
  '/tiếng-việt-ự/\u0065\u0301',
  '/\u{1F468}\u200D\u{1F469}\u200D\u{1F467}/\u{10FFFF}/\uFFFE\uFFFF\uFEFF',
  '/\u202Ertl\u2066\u2028\u2029',
  '/{p:String}%00%2F--; DROP TABLE events',
  `/${'ố'.repeat(1023)}`,
]

function views(store: () => EventStore): void {
  it('views of a path are runs of one visitor with 1,800 s, whatever the site’s timeout', async () => {
    const site = newSite()
    const at = [0, 1800, 3601, 3700] // one run, then 1801 s of gap: another, and 99 s
    const rows = at.map((at, offset) => storedEvent({ site, offset, at, path: '/a', timeout: 300 }))
    const other = storedEvent({ site, offset: 4, at: 0, path: '/a', visitor: 'w' })
    const custom = storedEvent({ site, offset: 5, at: 9000, path: '/a', type: 'event' })
    await store().insert(0, [...rows, other, custom], 6)
    expect(await store().views(site, ['/a', '/b', '/a'])).toEqual(
      new Map([
        ['/a', 3],
        ['/b', 0],
      ]),
    )
  })

  it('each view without visitor counts', async () => {
    const site = newSite()
    const rows = [0, 0, 1].map((at, offset) => storedEvent({ site, offset, at, path: '/a', visitor: null }))
    await store().insert(0, rows, 3)
    expect(await store().views(site, ['/a'])).toEqual(new Map([['/a', 3]]))
  })

  it('every odd text is kept apart and found again', async () => {
    const site = newSite()
    const rows = ODD_TEXTS.map((path, offset) =>
      storedEvent({ site, offset, at: offset, path, facts: { title: path } }),
    )
    await store().insert(0, rows, rows.length)
    expect(await store().views(site, ODD_TEXTS)).toEqual(new Map(ODD_TEXTS.map((path) => [path, 1])))
  })

  it('a lone surrogate does not stop a batch', async () => {
    const site = newSite()
    await store().insert(0, [storedEvent({ site, offset: 0, at: 0, path: '/\uD800', facts: { title: '\uDFFF' } })], 1)
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })

  it('no path asked is no path answered', async () => {
    expect(await store().views(newSite(), [])).toEqual(new Map())
  })
}

function streams(store: () => EventStore): void {
  it('any stream in any batches, with any repeats, gives the numbers of a recount', async () => {
    const property = fc.asyncProperty(
      fc.constant(null).chain(() => streamOf(newSite())),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      async (rows, sizes) => {
        const { site } = (rows[0] as StoredEvent).event
        for (const batch of overlappingBatches(rows, sizes)) await store().insert(0, batch, rows.length)
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
    await fc.assert(property, { numRuns: 25, endOnFailure: true })
  })

  it('50,000 rows in one insert, and the same again, are 50,000 events', async () => {
    const site = newSite()
    const rows = Array.from({ length: 50_000 }, (_, offset) =>
      storedEvent({ site, offset, at: offset % 86_400, visitor: `v${offset % 500}`, path: `/${offset % 100}` }),
    )
    await store().insert(0, rows, rows.length)
    await store().insert(0, rows, rows.length)
    // Each visitor returns every 500 s, so it never leaves.
    expect(await store().numbers(site, DAY, DAY)).toEqual({ pageviews: 50_000, visits: 500, visitors: 500 })
  })
}

function durability(opened: () => EventStoreUnderTest): void {
  it('keeps what it acknowledged over a crash, and a batch that it did not acknowledge can be written again', async () => {
    const site = newSite()
    const { store } = opened()
    const partition = Math.floor(Math.random() * 1e9) + 100
    const rows = Array.from({ length: 30_000 }, (_, offset) => storedEvent({ site, offset, at: offset % 86_400 }))
    await store.insert(partition, rows.slice(0, 10_000), 10_000)
    const unanswered = store.insert(partition, rows.slice(10_000), 30_000).catch(() => 'failed')
    await opened().crash()
    await unanswered
    expect(await store.position(partition)).toBeGreaterThanOrEqual(10_000)
    expect((await store.numbers(site, DAY, DAY)).pageviews).toBeGreaterThanOrEqual(10_000)
    await store.insert(partition, rows.slice(10_000), 30_000)
    expect((await store.numbers(site, DAY, DAY)).pageviews).toBe(30_000)
    expect(await store.position(partition)).toBe(30_000)
  })
}
