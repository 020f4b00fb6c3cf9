import { expect, it } from 'vitest'
import type { EventStore, StoredEvent } from '#ports'
import { DAY, newSite, storedEvent, type Sketch } from './stored-events.js'

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

export function numberRules(store: () => EventStore): void {
  it.each(NUMBERS)('%s', async (_, sketches, pageviews, visits, visitors) => {
    const site = newSite()
    const rows = sketches.map((sketch, offset) => storedEvent({ at: 0, ...sketch, site, offset }))
    await store().insert({ partition: 0, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
    expect(await store().numbers(site, DAY, DAY + 1)).toEqual({ pageviews, visits, visitors })
  })

  it('only the days asked for count, both ends included', async () => {
    const site = newSite()
    const rows = [0, 1, 2, 3].map((day) => storedEvent({ site, offset: day, at: day * 86_400, visitor: `v${day}` }))
    await store().insert({ partition: 0, from: 0, next: 4, appendedAtMs: 0 }, rows)
    expect((await store().numbers(site, DAY + 1, DAY + 2)).pageviews).toBe(2)
    expect((await store().numbers(site, DAY + 3, DAY + 3)).pageviews).toBe(1)
    expect((await store().numbers(site, DAY + 4, DAY + 9)).pageviews).toBe(0)
    expect((await store().numbers(site, 0, 100_000)).pageviews).toBe(4)
  })
}

const twoCopies = (site: string): [StoredEvent, StoredEvent] => [
  storedEvent({ site, offset: 10, at: 100, id: 'same', path: '/first' }),
  storedEvent({ site, offset: 11, at: 86_400 + 100, id: 'same', path: '/second', idAt: 86_400 + 100 }),
]

export function copyRules(store: () => EventStore): void {
  it.each([
    ['in order', [0, 1]],
    ['out of order', [1, 0]],
  ] as const)('of two copies in different days the lowest offset counts, stored %s', async (_, order) => {
    const site = newSite()
    const copies = twoCopies(site)
    for (const index of order)
      await store().insert({ partition: 0, from: 0, next: 12, appendedAtMs: 0 }, [copies[index]])
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
    await store().insert({ partition: 0, from: 0, next: 1, appendedAtMs: 0 }, [leave])
    await store().insert({ partition: 0, from: 0, next: 2, appendedAtMs: 0 }, [view])
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })

  it('one id on two sites is two events', async () => {
    const both = [newSite(), newSite()] as const
    await store().insert(
      { partition: 0, from: 0, next: 2, appendedAtMs: 0 },
      both.map((site, offset) => storedEvent({ site, offset, at: 0, id: 'same' })),
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

export function viewRules(store: () => EventStore): void {
  it('views of a path are runs of one visitor with 1,800 s, whatever the site’s timeout', async () => {
    const site = newSite()
    const at = [0, 1800, 3601, 3700] // one run, then 1801 s of gap: another, and 99 s
    const rows = at.map((at, offset) => storedEvent({ site, offset, at, path: '/a', timeout: 300 }))
    const other = storedEvent({ site, offset: 4, at: 0, path: '/a', visitor: 'w' })
    const custom = storedEvent({ site, offset: 5, at: 9000, path: '/a', type: 'event' })
    await store().insert({ partition: 0, from: 0, next: 6, appendedAtMs: 0 }, [...rows, other, custom])
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
    await store().insert({ partition: 0, from: 0, next: 3, appendedAtMs: 0 }, rows)
    expect(await store().views(site, ['/a'])).toEqual(new Map([['/a', 3]]))
  })

  it('every odd text is kept apart and found again', async () => {
    const site = newSite()
    const rows = ODD_TEXTS.map((path, offset) =>
      storedEvent({ site, offset, at: offset, path, facts: { title: path } }),
    )
    await store().insert({ partition: 0, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
    expect(await store().views(site, ODD_TEXTS)).toEqual(new Map(ODD_TEXTS.map((path) => [path, 1])))
  })

  it('a lone surrogate does not stop a batch', async () => {
    const site = newSite()
    await store().insert({ partition: 0, from: 0, next: 1, appendedAtMs: 0 }, [
      storedEvent({ site, offset: 0, at: 0, path: '/\uD800', facts: { title: '\uDFFF' } }),
    ])
    expect((await store().numbers(site, DAY, DAY)).pageviews).toBe(1)
  })

  it('no path asked is no path answered', async () => {
    expect(await store().views(newSite(), [])).toEqual(new Map())
  })
}
