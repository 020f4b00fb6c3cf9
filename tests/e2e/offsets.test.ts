import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Offset, Product } from '../support/harness/index.js'
import {
  endEverything,
  listOffsets,
  postOffsetCsv,
  postOffsets,
  request,
  requestJson,
  reverseOffset,
  startProduct,
  widgetShows,
} from '../support/harness/index.js'
import { AND_ONE, IMPORTED, newDoor, numbers, OLD_COUNTER, verdict, visit } from './offset-doors.js'

let product: Product

beforeAll(async () => {
  product = await startProduct()
})

afterAll(endEverything)

describe('an import of an old counter', () => {
  it('and one visit show the old numbers and one', async () => {
    const door = await newDoor(product)
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
    const door = await newDoor(product)
    await visit(door)
    await widgetShows(door.url, door.siteId, { total: 1 })
    const answer = await postOffsets(door, OLD_COUNTER)
    expect((answer.json() as Offset[]).map(({ add }) => add)).toEqual([2_390_400, 229_535, 37_085, 7_665])
    expect(await numbers(door)).toEqual({ ...IMPORTED, today: 1 })
  })

  it('answers an object with its entry, which is listed with who made it and why', async () => {
    const door = await newDoor(product)
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
    const door = await newDoor(product)
    const url = `${door.url}/w/${door.siteId}.json`
    const { headers } = await request({ url })
    await postOffsets(door, { field: 'total', add: 5, reason: 'r' })
    const again = await request({ url, headers: { 'If-None-Match': headers.etag } })
    expect([again.status, (again.json() as { total: number }).total]).toEqual([200, 5])
  })
})

describe('an array', () => {
  it('is applied in order and judged at its end', async () => {
    const door = await newDoor(product)
    expect((await postOffsets(door, OLD_COUNTER.toReversed())).status).toBe(201)
    expect(await numbers(door)).toEqual(IMPORTED)
  })

  it('is applied together or not at all', async () => {
    const door = await newDoor(product)
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
    const door = await newDoor(product)
    expect(verdict(await postOffsets(door, body))).toBe('409 offset_breaks_order')
    expect(await listOffsets(door)).toEqual([])
  })

  it('takes a week over its month, which a week across two months can be', async () => {
    const door = await newDoor(product)
    expect((await postOffsets(door, { field: 'week', shown: 7_666, reason: 'r' })).status).toBe(201)
  })
})

describe('a reversal', () => {
  it('takes the entry out of the number, keeps it listed, and does nothing the second time', async () => {
    const door = await newDoor(product)
    const [total] = (await postOffsets(door, [OLD_COUNTER[0]])).json() as Offset[]
    await visit(door)
    await widgetShows(door.url, door.siteId, { total: 2_390_402 })
    const admin = { ...door, key: product.adminKey }
    for (let times = 0; times < 2; times++) expect((await reverseOffset(admin, total!.id)).status).toBe(204)
    expect((await numbers(door)).total).toBe(1)
    expect(await listOffsets(door)).toEqual([{ ...total, reversedAt: expect.any(String), reversedBy: 'admin' }])
  })

  it('is refused when the order would break', async () => {
    const door = await newDoor(product)
    const entries = (await postOffsets(door, OLD_COUNTER)).json() as Offset[]
    const idOf = (field: string) => entries.find((entry) => entry.field === field)!.id
    expect(verdict(await reverseOffset(door, idOf('year')))).toBe('409 offset_breaks_order')
    expect(await numbers(door)).toEqual(IMPORTED)
    for (const field of ['month', 'year', 'total', 'week'])
      expect((await reverseOffset(door, idOf(field))).status).toBe(204)
    expect(await numbers(door)).toEqual({ today: 0, week: 0, month: 0, year: 0, total: 0 })
  })

  it('of views is refused below 0', async () => {
    const door = await newDoor(product)
    const up = (await postOffsets(door, { field: 'views', path: '/a', add: 10, reason: 'r' })).json() as Offset
    await postOffsets(door, { field: 'views', path: '/a', shown: 3, reason: 'r' })
    expect(verdict(await reverseOffset(door, up.id))).toBe('409 offset_breaks_order')
  })

  it('of what never was is 404', async () => {
    const door = await newDoor(product)
    for (const id of ['1-1', 'x', '1-']) expect(verdict(await reverseOffset(door, id))).toBe('404 route_not_found')
    const entry = (await postOffsets(door, { field: 'total', add: 1, reason: 'r' })).json() as Offset
    await reverseOffset(door, entry.id)
    for (const id of ['1-2', '2-1', '3-1']) expect(verdict(await reverseOffset(door, id))).toBe('404 route_not_found')
  })
})

describe('an Idempotency-Key', () => {
  it('makes the same body one import with one answer, be it sent at once or later', async () => {
    const door = await newDoor(product)
    const answers = await Promise.all(Array.from({ length: 5 }, () => postOffsets(door, OLD_COUNTER, 'import-1')))
    await reverseOffset(door, (answers[0]!.json() as Offset[])[3]!.id)
    answers.push(await postOffsets(door, OLD_COUNTER, 'import-1'))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]!.status).toBe(201)
    expect(await listOffsets(door)).toHaveLength(4)
    expect(await numbers(door)).toEqual({ ...IMPORTED, week: 0 })
  })

  it('refuses another body, on this site only', async () => {
    const [door, other] = [await newDoor(product), await newDoor(product)]
    const body = { field: 'total', add: 5, reason: 'r' }
    await postOffsets(door, body, 'k')
    expect(verdict(await postOffsets(door, { ...body, add: 6 }, 'k'))).toBe('409 idempotency_conflict')
    expect(verdict(await postOffsetCsv(door, '/a,5', 'k'))).toBe('409 idempotency_conflict')
    expect((await postOffsets(other, { ...body, add: 6 }, 'k')).status).toBe(201)
    expect((await numbers(door)).total).toBe(5)
  })

  it('is not used up by a request that was refused', async () => {
    const door = await newDoor(product)
    expect((await postOffsets(door, { field: 'year', shown: 5, reason: 'r' }, 'k')).status).toBe(409)
    expect((await postOffsets(door, { field: 'total', shown: 5, reason: 'r' }, 'k')).status).toBe(201)
  })
})

describe('requests at the same time', () => {
  it('are applied one after another: each shown number is what the last one typed', async () => {
    const door = await newDoor(product)
    const shown = Array.from({ length: 20 }, (_, n) => 1000 + n)
    const answers = await Promise.all(shown.map((n) => postOffsets(door, { field: 'total', shown: n, reason: 'r' })))
    expect(answers.map(({ status }) => status)).toEqual(shown.map(() => 201))
    const entries = await listOffsets(door)
    // Each add is reckoned from what the one before it left.
    expect(entries.map(({ add }) => add)).toEqual(entries.map((one, n) => one.shown! - (entries[n - 1]?.shown ?? 0)))
    expect((await numbers(door)).total).toBe(entries.at(-1)!.shown)
  })

  it('and beacons meanwhile lose nothing', async () => {
    const door = await newDoor(product)
    const body = { field: 'total', add: 100, reason: 'r' }
    const readers = Array.from({ length: 50 }, (_, n) => n)
    await Promise.all([...readers.map((n) => visit(door, n)), ...readers.slice(30).map(() => postOffsets(door, body))])
    await widgetShows(door.url, door.siteId, { today: 50, total: 50 + 20 * 100 })
  })
})
