import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Offset, Product } from '../support/harness/index.js'
import {
  createKey,
  createSite,
  calmTimeZone,
  endEverything,
  listOffsets,
  postOffsetCsv,
  postOffsets,
  request,
  requestJson,
  reverseOffset,
  startCrashable,
  startProduct,
  viewsOf,
  widgetShows,
} from '../support/harness/index.js'
import { AND_ONE, newDoor, numbers, OLD_COUNTER, verdict, visit } from './offset-doors.js'

let product: Product

beforeAll(async () => {
  product = await startProduct()
})

afterAll(endEverything)

describe('views', () => {
  it('of a path are carried over, however the path is written', async () => {
    const door = await newDoor(product)
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
    const door = await newDoor(product)
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
    const door = await newDoor(product)
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
    const [door, other] = [await newDoor(product), await newDoor(product)]
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
    const door = await newDoor(product)
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

describe('a product that is killed', () => {
  it('has every import that was acknowledged when it is back, and its keys are remembered', async () => {
    const product = await startCrashable()
    await createSite(product, { id: 'giet', timeZone: calmTimeZone() })
    const before = { url: product.url, siteId: 'giet', key: product.adminKey }
    const answer = await postOffsets(before, OLD_COUNTER, 'import-1')
    await postOffsetCsv(before, '/a,57')
    await visit(before)
    await product.crash()

    const after = { ...before, url: product.url }
    await widgetShows(after.url, 'giet', AND_ONE)
    expect(await viewsOf(after.url, 'giet', ['/a'])).toEqual(new Map([['/a', 57]]))
    expect((await postOffsets(after, OLD_COUNTER, 'import-1')).text).toBe(answer.text)
    const week = (await listOffsets(after)).find(({ field }) => field === 'week')!
    expect((await reverseOffset(after, week.id)).status).toBe(204)
    await product.crash()
    await widgetShows(product.url, 'giet', { ...AND_ONE, week: 1 })
  })
})
