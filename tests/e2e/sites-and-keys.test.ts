import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, NewKey, Product } from '../support/harness/index.js'
import { serverView } from './site-acts.js'
import {
  beacon,
  createKey,
  createSite,
  endEverything,
  getPixel,
  postBeacon,
  postEvents,
  request,
  requestJson,
  startProduct,
  until,
  verdictOf,
  widgetShows,
} from '../support/harness/index.js'

let product: Product

const ask = (method: string, path: string, body?: unknown, key?: string): Promise<Answer> =>
  requestJson(method, `${product.url}${path}`, body, key)
const asAdmin = (method: string, path: string, body?: unknown) => ask(method, path, body, product.adminKey)

beforeAll(async () => {
  product = await startProduct()
})

afterAll(endEverything)

describe('a new site', () => {
  it('is answered in full, with the defaults of what was not said', async () => {
    const answer = await asAdmin('POST', '/v1/sites', { id: 'defaults' })
    expect(answer.status).toBe(201)
    expect(answer.json()).toEqual({
      id: 'defaults',
      name: expect.any(String),
      hosts: [],
      timeZone: 'Asia/Ho_Chi_Minh',
      weekStart: 'monday',
      unit: 'visits',
      onlineWindowSeconds: 300,
      visitTimeoutSeconds: 1800,
      pageQueryKeys: [],
      bots: 'drop',
      excludedAddresses: [],
    })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect((await asAdmin('GET', '/v1/sites/defaults')).json()).toEqual(answer.json())
  })

  it('keeps every setting', async () => {
    const settings = {
      id: 'full_2-X',
      name: 'Cổng thông tin',
      hosts: ['example.vn', '*.example.vn'],
      timeZone: 'America/New_York',
      weekStart: 'sunday',
      unit: 'pageviews',
      onlineWindowSeconds: 60,
      visitTimeoutSeconds: 3600,
      pageQueryKeys: ['id', 'cat'],
      bots: 'count',
      excludedAddresses: ['203.0.113.7', '2001:db8::7'],
    }
    const answer = await asAdmin('POST', '/v1/sites', settings)
    expect([answer.status, answer.json()]).toEqual([201, settings])
    expect((await asAdmin('GET', '/v1/sites')).json()).toContainEqual(settings)
  })

  it('is refused when its id is taken, also when many ask at once', async () => {
    const body = { id: 'wanted' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => asAdmin('POST', '/v1/sites', body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)])
    expect(verdictOf(await asAdmin('POST', '/v1/sites', { id: 'wanted', name: 'other' }))).toMatch(/^409 site_exists/)
  })

  it.each<[string, unknown]>([
    ['id', {}],
    ['id', { id: 'x' }],
    ['id', { id: 'a b' }],
    ['id', { id: 'x'.repeat(33) }],
    ['id', { id: 5 }],
    ['name', { id: 'good', name: 5 }],
    ['hosts', { id: 'good', hosts: 'example.vn' }],
    ['hosts', { id: 'good', hosts: ['https://example.vn/'] }],
    ['hosts', { id: 'good', hosts: ['a.*.vn'] }],
    ['timeZone', { id: 'good', timeZone: 'Mars/Base' }],
    ['weekStart', { id: 'good', weekStart: 'friday' }],
    ['unit', { id: 'good', unit: 'hits' }],
    ['onlineWindowSeconds', { id: 'good', onlineWindowSeconds: 59 }],
    ['onlineWindowSeconds', { id: 'good', onlineWindowSeconds: 1801 }],
    ['visitTimeoutSeconds', { id: 'good', visitTimeoutSeconds: 299 }],
    ['visitTimeoutSeconds', { id: 'good', visitTimeoutSeconds: 3601 }],
    ['visitTimeoutSeconds', { id: 'good', visitTimeoutSeconds: '600' }],
    ['pageQueryKeys', { id: 'good', pageQueryKeys: [5] }],
    ['bots', { id: 'good', bots: 'maybe' }],
    ['excludedAddresses', { id: 'good', excludedAddresses: ['nowhere'] }],
  ])('with a wrong %s is refused and not made: %o', async (field, body) => {
    expect(verdictOf(await asAdmin('POST', '/v1/sites', body))).toBe(`400 bad_field ${field}`)
    expect((await asAdmin('GET', '/v1/sites/good')).status).toBe(404)
  })

  it.each<[string, string, string]>([
    ['{"id":', 'application/json', '400 bad_json'],
    ['[]', 'application/json', '400 bad_field body'],
    ['id=x', 'application/x-www-form-urlencoded', '415 unsupported_media_type'],
  ])('refuses the body %s of type %s', async (body, type, verdict) => {
    const headers = { Authorization: `Bearer ${product.adminKey}`, 'Content-Type': type }
    const answer = await request({ url: `${product.url}/v1/sites`, method: 'POST', headers, body })
    expect(verdictOf(answer)).toBe(verdict)
  })

  it('is usable on every door at once', async () => {
    expect((await asAdmin('POST', '/v1/sites', { id: 'fresh', unit: 'pageviews' })).status).toBe(201)
    const madeAt = performance.now()
    expect(verdictOf(await postBeacon(product.url, beacon({ s: 'fresh' })))).toBe('204')
    expect(verdictOf(await getPixel(product.url, { s: 'fresh', u: 'https://example.vn/' }))).toBe('200')
    expect((await ask('GET', '/w/fresh.json')).status).toBe(200)
    const { key } = (await asAdmin('POST', '/v1/sites/fresh/keys', { role: 'ingest' })).json() as NewKey
    expect((await postEvents(product.url, key, [serverView('fresh')])).json()).toMatchObject({ accepted: 1 })
    await widgetShows(product.url, 'fresh', { total: 3 })
    expect(performance.now() - madeAt).toBeLessThan(4000)
  })
})

describe('keys', () => {
  it.each([{}, { role: 'admin' }, { role: 'king' }, { role: 5 }])('are not made of %o', async (body) => {
    expect(verdictOf(await asAdmin('POST', '/v1/sites/defaults/keys', body))).toBe('400 bad_field role')
  })

  it('belong to sites that exist', async () => {
    expect(verdictOf(await asAdmin('POST', '/v1/sites/nowhere/keys', { role: 'read' }))).toBe('404 site_not_found')
    expect(verdictOf(await asAdmin('GET', '/v1/sites/nowhere/keys'))).toBe('404 site_not_found')
    expect(verdictOf(await asAdmin('GET', '/v1/sites/nowhere'))).toBe('404 site_not_found')
  })

  it('are shown once, when they are made', async () => {
    await createSite(product, { id: 'shown' })
    const answer = await asAdmin('POST', '/v1/sites/shown/keys', { role: 'read' })
    expect([answer.status, Object.keys(answer.json() as NewKey).sort()]).toEqual([201, ['id', 'key', 'role']])
    const { id, key } = answer.json() as NewKey
    const list = await asAdmin('GET', '/v1/sites/shown/keys')
    expect(list.json()).toMatchObject([{ id, role: 'read' }])
    expect(list.text).not.toContain(key)
  })

  it('end when they are deleted', async () => {
    await createSite(product, { id: 'ending' })
    const { id, key } = await createKey(product, 'ending')
    const post = async () => (await postEvents(product.url, key, [serverView('ending')])).status
    expect(await post()).toBe(200)
    expect((await asAdmin('DELETE', `/v1/sites/ending/keys/${id}`)).status).toBe(204)
    await until(async () => (await post()) === 401, { timeoutMs: 2000 })
    expect((await asAdmin('DELETE', `/v1/sites/ending/keys/${id}`)).status).toBe(404)
    expect((await asAdmin('GET', '/v1/sites/ending/keys')).json()).toEqual([])
  })
})

/** Who asks, then the status of each route; `mine` is the site of the keys, `other` another one. */
const ROUTES = {
  'POST /v1/sites': { admin: 409, owner: 403, read: 403, ingest: 403 },
  'GET /v1/sites': { admin: 200, owner: 200, read: 403, ingest: 403 },
  'GET /v1/sites/mine': { admin: 200, owner: 200, read: 403, ingest: 403 },
  'GET /v1/sites/other': { admin: 200, owner: 403, read: 403, ingest: 403 },
  'GET /v1/sites/nowhere': { admin: 404, owner: 403, read: 403, ingest: 403 },
  'POST /v1/sites/mine/keys': { admin: 201, owner: 201, read: 403, ingest: 403 },
  'POST /v1/sites/other/keys': { admin: 201, owner: 403, read: 403, ingest: 403 },
  'GET /v1/sites/mine/keys': { admin: 200, owner: 200, read: 403, ingest: 403 },
  'GET /v1/sites/other/keys': { admin: 200, owner: 403, read: 403, ingest: 403 },
  'DELETE /v1/sites/mine/keys/none': { admin: 404, owner: 404, read: 403, ingest: 403 },
  'DELETE /v1/sites/other/keys/none': { admin: 404, owner: 403, read: 403, ingest: 403 },
} as const
const BODIES: Record<string, unknown> = {
  'POST /v1/sites': { id: 'mine' },
  'POST /v1/sites/mine/keys': { role: 'read' },
  'POST /v1/sites/other/keys': { role: 'read' },
}

describe('roles', () => {
  const held: Record<string, string> = {}
  beforeAll(async () => {
    for (const id of ['mine', 'other']) await createSite(product, { id })
    for (const role of ['owner', 'read', 'ingest'] as const) held[role] = (await createKey(product, 'mine', role)).key
    held['admin'] = product.adminKey
  })

  const statusOf = async (route: string, key?: string) => {
    const [method = '', path = ''] = route.split(' ')
    return (await ask(method, path, BODIES[route], key)).status
  }
  it.each(Object.entries(ROUTES))('may use %s: %o', async (route, expected) => {
    for (const [role, status] of Object.entries(expected))
      expect(`${role} ${await statusOf(route, held[role])}`).toBe(`${role} ${status}`)
    expect([await statusOf(route), await statusOf(route, 'unknown')]).toEqual([401, 401])
  })

  it('of an owner see one site in the list', async () => {
    expect((await ask('GET', '/v1/sites', undefined, held['owner'])).json()).toMatchObject([{ id: 'mine' }])
  })

  it('are judged before the body is', async () => {
    expect(verdictOf(await ask('POST', '/v1/sites', { id: 5 }))).toBe('401 unauthorized')
    expect(verdictOf(await ask('POST', '/v1/sites', { id: 5 }, held['owner']))).toBe('403 forbidden')
  })

  it('make no page able to read what they protect', async () => {
    const headers = { Authorization: `Bearer ${product.adminKey}`, Origin: 'https://example.vn' }
    const answer = await request({ url: `${product.url}/v1/sites`, headers })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, undefined])
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})

it('answers a route that is none with 404 route_not_found', async () => {
  for (const path of ['/v1', '/v1/nothing', '/nothing', '/w/', '/.env', '/c/x'])
    expect(`${path} ${verdictOf(await ask('GET', path))}`).toBe(`${path} 404 route_not_found`)
})
