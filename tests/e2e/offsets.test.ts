import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Offset, OffsetDoor, Standalone } from '../support/harness/index.js'
import {
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createSite,
  endEverything,
  listOffsets,
  postOffsetCsv,
  postOffsets,
  request,
  requestJson,
  reverseOffset,
  ship,
  startStandalone,
  viewsOf,
  widget,
  widgetShows,
} from '../support/harness/index.js'

/** The old counter of a newspaper (contract section 4). */
const OLD_COUNTER = [
  { field: 'total', shown: 2_390_401, reason: 'bộ đếm cũ' },
  { field: 'year', shown: 229_536, reason: 'bộ đếm cũ' },
  { field: 'month', shown: 37_086, reason: 'bộ đếm cũ' },
  { field: 'week', shown: 7_666, reason: 'bộ đếm cũ' },
]
const IMPORTED = { today: 0, week: 7_666, month: 37_086, year: 229_536, total: 2_390_401 }
const AND_ONE = { today: 1, week: 7_667, month: 37_087, year: 229_537, total: 2_390_402 }

let product: Standalone
let made = 0

beforeAll(async () => {
  product = await startStandalone()
})

afterAll(endEverything)

async function newDoor(settings: object = {}): Promise<OffsetDoor> {
  made += 1
  const siteId = `offsets-${made}`
  await createSite(product, { id: siteId, timeZone: calmTimeZone(), ...settings })
  return { url: product.url, siteId, key: (await createKey(product, siteId, 'owner')).key }
}

/** `reader` reads `path` for the first time. */
async function visit({ url, siteId }: OffsetDoor, reader = 0, path = '/'): Promise<void> {
  const one = beacon({ s: siteId, u: `https://example.vn${path}` })
  const { status } = await ship(url, { beacons: [one], userAgent: browser(reader) })
  if (status !== 204) throw new Error(`visit: ${status}`)
}

const verdict = (answer: Answer) => {
  const { code, field } = answer.status < 300 ? {} : (answer.json() as { code?: string; field?: string })
  return [answer.status, code, field].filter((part) => part !== undefined).join(' ')
}

const numbers = async ({ url, siteId }: OffsetDoor) => {
  const { today, week, month, year, total } = await widget(url, siteId)
  return { today, week, month, year, total }
}

describe('an import of an old counter', () => {
  it('and one visit show the old numbers and one', async () => {
    const door = await newDoor()
    const answer = await postOffsets(door, OLD_COUNTER)
    expect(answer.status).toBe(201)
    expect(await numbers(door)).toEqual(IMPORTED)
    await visit(door)
    await widgetShows(door.url, door.siteId, AND_ONE)
    for (const [field, expected] of Object.entries(AND_ONE)) {
      const { text } = await request({ url: `${door.url}/w/${door.siteId}.txt?f=${field}` })
      expect([field, text]).toEqual([field, String(expected)])
    }
    const svg = await request({ url: `${door.url}/w/${door.siteId}.svg` })
    for (const shown of ['7.667', '37.087', '229.537']) expect(svg.text).toContain(shown)
  })

  it('after a visit shows what the owner typed, the visit in it', async () => {
    const door = await newDoor()
    await visit(door)
    await widgetShows(door.url, door.siteId, { total: 1 })
    const answer = await postOffsets(door, OLD_COUNTER)
    expect((answer.json() as Offset[]).map(({ add }) => add)).toEqual([2_390_400, 229_535, 37_085, 7_665])
    expect(await numbers(door)).toEqual({ ...IMPORTED, today: 1 })
  })

  it('answers an object with its entry, which is listed with who made it and why', async () => {
    const door = await newDoor()
    const answer = await postOffsets(door, { field: 'total', shown: 10, reason: 'bộ đếm cũ' })
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    const entry = answer.json() as Offset
    const key = await requestJson('GET', `${door.url}/v1/sites/${door.siteId}/keys`, undefined, door.key)
    expect(entry).toMatchObject({ field: 'total', shown: 10, add: 10, reason: 'bộ đếm cũ', reversedAt: null })
    expect((key.json() as { id: string }[]).map(({ id }) => id)).toEqual([entry.by])
    expect(Math.abs(Date.parse(entry.createdAt) - Date.now())).toBeLessThan(10_000)
    expect(await listOffsets(door)).toEqual([entry])
  })

  it('changes the ETag of the widget at once', async () => {
    const door = await newDoor()
    const url = `${door.url}/w/${door.siteId}.json`
    const { headers } = await request({ url })
    await postOffsets(door, { field: 'total', add: 5, reason: 'r' })
    const again = await request({ url, headers: { 'If-None-Match': headers.etag } })
    expect([again.status, (again.json() as { total: number }).total]).toEqual([200, 5])
  })
})

describe('an array', () => {
  it('is applied in order and judged at its end', async () => {
    const door = await newDoor()
    expect((await postOffsets(door, OLD_COUNTER.toReversed())).status).toBe(201)
    expect(await numbers(door)).toEqual(IMPORTED)
  })

  it('is applied together or not at all', async () => {
    const door = await newDoor()
    const bad = [...OLD_COUNTER, { field: 'month', add: 500_000, reason: 'r' }]
    expect(verdict(await postOffsets(door, bad))).toBe('409 offset_breaks_order')
    expect(verdict(await postOffsets(door, [...OLD_COUNTER, { field: 'total', add: 1 }]))).toBe(
      '400 bad_field [4].reason',
    )
    expect([await numbers(door), await listOffsets(door)]).toEqual([
      { today: 0, week: 0, month: 0, year: 0, total: 0 },
      [],
    ])
  })
})

describe('the order of the numbers', () => {
  it.each([
    ['a month over its year', [{ field: 'month', shown: 5, reason: 'r' }]],
    ['a year over the total', [{ field: 'year', shown: 5, reason: 'r' }]],
    [
      'a day over its week',
      [
        { field: 'today', shown: 5, reason: 'r' },
        { field: 'total', shown: 9, reason: 'r' },
      ],
    ],
    ['a total below 0', [{ field: 'total', add: -1, reason: 'r' }]],
    ['views below 0', [{ field: 'views', path: '/a', add: -1, reason: 'r' }]],
  ])('refuses %s', async (_, body) => {
    const door = await newDoor()
    expect(verdict(await postOffsets(door, body))).toBe('409 offset_breaks_order')
    expect(await listOffsets(door)).toEqual([])
  })

  it('takes a week over its month, which a week across two months can be', async () => {
    const door = await newDoor()
    expect((await postOffsets(door, { field: 'week', shown: 7_666, reason: 'r' })).status).toBe(201)
  })
})

describe('a reversal', () => {
  it('takes the entry out of the number, keeps it listed, and does nothing the second time', async () => {
    const door = await newDoor()
    const [total] = (await postOffsets(door, [OLD_COUNTER[0]])).json() as Offset[]
    await visit(door)
    await widgetShows(door.url, door.siteId, { total: 2_390_402 })
    const admin = { ...door, key: product.adminKey }
    for (let times = 0; times < 2; times++) expect((await reverseOffset(admin, total!.id)).status).toBe(204)
    expect((await numbers(door)).total).toBe(1)
    expect(await listOffsets(door)).toEqual([{ ...total, reversedAt: expect.any(String), reversedBy: 'admin' }])
  })

  it('is refused when the order would break', async () => {
    const door = await newDoor()
    const entries = (await postOffsets(door, OLD_COUNTER)).json() as Offset[]
    const idOf = (field: string) => entries.find((entry) => entry.field === field)!.id
    expect(verdict(await reverseOffset(door, idOf('year')))).toBe('409 offset_breaks_order')
    expect(await numbers(door)).toEqual(IMPORTED)
    for (const field of ['month', 'year', 'total', 'week'])
      expect((await reverseOffset(door, idOf(field))).status).toBe(204)
    expect(await numbers(door)).toEqual({ today: 0, week: 0, month: 0, year: 0, total: 0 })
  })

  it('of views is refused below 0', async () => {
    const door = await newDoor()
    const up = (await postOffsets(door, { field: 'views', path: '/a', add: 10, reason: 'r' })).json() as Offset
    await postOffsets(door, { field: 'views', path: '/a', shown: 3, reason: 'r' })
    expect(verdict(await reverseOffset(door, up.id))).toBe('409 offset_breaks_order')
  })

  it('of what never was is 404', async () => {
    const door = await newDoor()
    for (const id of ['1-1', 'x', '1-']) expect(verdict(await reverseOffset(door, id))).toBe('404 route_not_found')
    const entry = (await postOffsets(door, { field: 'total', add: 1, reason: 'r' })).json() as Offset
    await reverseOffset(door, entry.id)
    for (const id of ['1-2', '2-1', '3-1']) expect(verdict(await reverseOffset(door, id))).toBe('404 route_not_found')
  })
})

describe('an Idempotency-Key', () => {
  it('makes the same body one import with one answer, be it sent at once or later', async () => {
    const door = await newDoor()
    const answers = await Promise.all(Array.from({ length: 5 }, () => postOffsets(door, OLD_COUNTER, 'import-1')))
    await reverseOffset(door, (answers[0]!.json() as Offset[])[3]!.id)
    answers.push(await postOffsets(door, OLD_COUNTER, 'import-1'))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]!.status).toBe(201)
    expect(await listOffsets(door)).toHaveLength(4)
    expect(await numbers(door)).toEqual({ ...IMPORTED, week: 0 })
  })

  it('refuses another body, on this site only', async () => {
    const [door, other] = [await newDoor(), await newDoor()]
    const body = { field: 'total', add: 5, reason: 'r' }
    await postOffsets(door, body, 'k')
    expect(verdict(await postOffsets(door, { ...body, add: 6 }, 'k'))).toBe('409 idempotency_conflict')
    expect(verdict(await postOffsetCsv(door, '/a,5', 'k'))).toBe('409 idempotency_conflict')
    expect((await postOffsets(other, { ...body, add: 6 }, 'k')).status).toBe(201)
    expect((await numbers(door)).total).toBe(5)
  })

  it('is not used up by a request that was refused', async () => {
    const door = await newDoor()
    expect((await postOffsets(door, { field: 'year', shown: 5, reason: 'r' }, 'k')).status).toBe(409)
    expect((await postOffsets(door, { field: 'total', shown: 5, reason: 'r' }, 'k')).status).toBe(201)
  })
})

describe('requests at the same time', () => {
  it('are applied one after another: each shown number is what the last one typed', async () => {
    const door = await newDoor()
    const shown = Array.from({ length: 20 }, (_, n) => 1000 + n)
    const answers = await Promise.all(shown.map((n) => postOffsets(door, { field: 'total', shown: n, reason: 'r' })))
    expect(answers.map(({ status }) => status)).toEqual(shown.map(() => 201))
    const entries = await listOffsets(door)
    // Each add is reckoned from what the one before it left.
    expect(entries.map(({ add }) => add)).toEqual(entries.map((one, n) => one.shown! - (entries[n - 1]?.shown ?? 0)))
    expect((await numbers(door)).total).toBe(entries.at(-1)!.shown)
  })

  it('and beacons meanwhile lose nothing', async () => {
    const door = await newDoor()
    const body = { field: 'total', add: 100, reason: 'r' }
    const readers = Array.from({ length: 50 }, (_, n) => n)
    await Promise.all([...readers.map((n) => visit(door, n)), ...readers.slice(30).map(() => postOffsets(door, body))])
    await widgetShows(door.url, door.siteId, { today: 50, total: 50 + 20 * 100 })
  })
})

describe('views', () => {
  it('of a path are carried over, however the path is written', async () => {
    const door = await newDoor()
    await postOffsets(door, { field: 'views', path: 'https://cu.example.vn/tin/12/index.php', shown: 56, reason: 'r' })
    await visit(door, 0, '/tin/12/')
    await expect
      .poll(() => viewsOf(door.url, door.siteId, ['/tin/12', '/tin/12/index.html', '/']), { timeout: 5000 })
      .toEqual(
        new Map([
          ['/tin/12', 57],
          ['/tin/12/index.html', 57],
          ['/', 0],
        ]),
      )
    const withViews = await request({ url: `${door.url}/w/${door.siteId}.json?p=/tin/12` })
    expect(withViews.json()).toMatchObject({ views: 57 })
  })

  it('of 50,000 paths come as one CSV within 10 s, and one bad line of them is refused whole', async () => {
    const door = await newDoor()
    const rows = Array.from({ length: 50_000 }, (_, n) => `/tin-tuc/chuyen-muc-${n % 40}/bai-viet-so-${n}.html,${n}`)
    const bad = await postOffsetCsv(door, ['path,shown', ...rows, '/a,nhiều'].join('\n'))
    expect(verdict(bad)).toBe('400 bad_field line 50002')
    const startedAt = performance.now()
    const answer = await postOffsetCsv(door, ['path,shown', ...rows].join('\r\n'), 'views')
    const seconds = (performance.now() - startedAt) / 1000
    console.log(`50,000 lines of CSV in ${seconds.toFixed(2)} s`)
    expect([answer.status, answer.json()]).toEqual([201, { count: 50_000, first: '1-1', last: '1-50000' }])
    expect(seconds).toBeLessThan(10)
    const path = (n: number) => `/tin-tuc/chuyen-muc-${n % 40}/bai-viet-so-${n}.html`
    const asked = [0, 1, 777, 49_999]
    expect(await viewsOf(door.url, door.siteId, asked.map(path))).toEqual(new Map(asked.map((n) => [path(n), n])))
    expect((await postOffsetCsv(door, ['path,shown', ...rows].join('\r\n'), 'views')).text).toBe(answer.text)
    expect(await listOffsets(door)).toHaveLength(50_000)
  })
})

describe('the list', () => {
  it('comes in pages, each with a link to the next', async () => {
    const door = await newDoor()
    await postOffsetCsv(door, '/a,1\n/b,2\n/c,3', undefined, '?reason=c%C5%A9')
    await postOffsets(door, { field: 'total', add: 5, reason: 'r' })
    const all = await listOffsets(door)
    const pages: Offset[] = []
    let next: string | undefined = `/v1/sites/${door.siteId}/offsets?limit=2`
    for (let turns = 0; next !== undefined && turns < 5; turns++) {
      const answer = await requestJson('GET', door.url + next, undefined, door.key)
      pages.push(...(answer.json() as Offset[]))
      next = /^<(.*)>; rel="next"$/.exec(String(answer.headers['link']))?.[1]
    }
    expect(all.map(({ id, reason }) => `${id} ${reason}`)).toEqual(['1-1 cũ', '1-2 cũ', '1-3 cũ', '2-1 r'])
    expect(pages).toEqual(all)
  })
})

describe('the door', () => {
  it('is for the admin and the owner of the site', async () => {
    const [door, other] = [await newDoor(), await newDoor()]
    const body = { field: 'total', add: 1, reason: 'r' }
    const by = async (key: string) => verdict(await postOffsets({ ...door, key }, body))
    expect(await by(product.adminKey)).toBe('201')
    expect(await by(door.key)).toBe('201')
    expect(await by(other.key)).toBe('403 forbidden')
    for (const role of ['read', 'ingest'] as const) {
      expect(await by((await createKey(product, door.siteId, role)).key)).toBe('403 forbidden')
    }
    expect(verdict(await postOffsets({ ...door, key: 'unknown' }, body))).toBe('401 unauthorized')
    expect((await numbers(door)).total).toBe(2)
  })

  it('refuses what is too large, of another type, or for no site', async () => {
    const door = await newDoor()
    const row = `/${'a'.repeat(1000)},1\n`
    expect(verdict(await postOffsetCsv(door, row.repeat(9000)))).toBe('413 too_large')
    expect(verdict(await postOffsetCsv({ ...door, key: 'unknown' }, row.repeat(9000)))).toBe('401 unauthorized')
    expect(verdict(await postOffsetCsv(door, '/a,1\n'.repeat(100_001)))).toBe('413 too_large')
    expect(verdict(await postOffsetCsv(door, 'path,shown\n'))).toBe('400 bad_field body')
    const admin = { ...door, key: product.adminKey, siteId: 'khong-co' }
    expect(verdict(await postOffsets(admin, OLD_COUNTER))).toBe('404 site_not_found')
    const headers = { Authorization: `Bearer ${door.key}`, 'Content-Type': 'text/plain' }
    const url = `${door.url}/v1/sites/${door.siteId}/offsets`
    expect(verdict(await request({ url, method: 'POST', headers, body: '{}' }))).toBe('415 unsupported_media_type')
    expect(verdict(await request({ url: `${url}?x=1`, headers }))).toBe('400 unknown_parameter x')
  })
})

describe('a process that is killed', () => {
  it('has every import that was acknowledged when it is back, and its keys are remembered', async () => {
    const first = await startStandalone()
    await createSite(first, { id: 'giet', timeZone: calmTimeZone() })
    const before = { url: first.url, siteId: 'giet', key: first.adminKey }
    const answer = await postOffsets(before, OLD_COUNTER, 'import-1')
    await postOffsetCsv(before, '/a,57')
    await visit(before)
    await first.killTree()

    const second = await startStandalone({ dataDir: first.dataDir })
    const after = { ...before, url: second.url }
    await widgetShows(second.url, 'giet', AND_ONE)
    expect(await viewsOf(second.url, 'giet', ['/a'])).toEqual(new Map([['/a', 57]]))
    expect((await postOffsets(after, OLD_COUNTER, 'import-1')).text).toBe(answer.text)
    const week = (await listOffsets(after)).find(({ field }) => field === 'week')!
    expect((await reverseOffset(after, week.id)).status).toBe(204)
    await second.stop()

    const third = await startStandalone({ dataDir: first.dataDir })
    await widgetShows(third.url, 'giet', { ...AND_ONE, week: 1 })
  })
})
