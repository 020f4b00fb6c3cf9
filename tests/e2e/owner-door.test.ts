import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beacon,
  createKey,
  createSite,
  endEverything,
  requestJson,
  resultOf,
  ship,
  type Product,
  startProduct,
  until,
  widgetShows,
} from '../support/harness/index.js'
import { actsOn } from './site-acts.js'

/** Contract section 5: usable on every door within 2 s. */
const SOON = { timeoutMs: 2000, everyMs: 20 }

let product: Product
const { ask, view, sendEvent } = actsOn(() => product)

beforeAll(async () => {
  product = await startProduct()
})
afterAll(endEverything)

describe('PATCH /v1/sites/{id}', () => {
  it('holds at every door within 2 s: for new events, and for the unit of what is shown', async () => {
    await createSite(product, { id: 'patched', unit: 'visits' })
    for (const path of ['/a', '/b', '/c']) expect((await view('patched', 1, path)).status).toBe(204)
    await widgetShows(product.url, 'patched', { today: 1 })
    expect(await ask('PATCH', '/v1/sites/patched', { unit: 'pageviews', hosts: ['example.org'] })).toBe(200)
    // Asked by a crawler, whose views never count, until the door where they go in knows.
    const crawler = { beacons: [beacon({ s: 'patched' })], userAgent: 'Googlebot/2.1' }
    await until(async () => (await ship(product.url, crawler)).status === 403, SOON)
    await widgetShows(product.url, 'patched', { today: 3, unit: 'pageviews' }, SOON)

    expect(await ask('PATCH', '/v1/sites/patched', { hosts: [], bots: 'count' })).toBe(200)
    await until(async () => resultOf(await ship(product.url, crawler)) === 'acked', SOON)
    await widgetShows(product.url, 'patched', { today: 4 })
  })
})

describe('the keys of a site', () => {
  it('open no door any more within 2 s of being taken back', async () => {
    await createSite(product, { id: 'keyed' })
    const [ingest, owner] = [await createKey(product, 'keyed', 'ingest'), await createKey(product, 'keyed', 'owner')]
    expect([await sendEvent('keyed', ingest.key), await ask('GET', '/v1/sites', undefined, owner.key)]).toEqual([
      200, 200,
    ])
    for (const { id } of [ingest, owner]) expect(await ask('DELETE', `/v1/sites/keyed/keys/${id}`)).toBe(204)
    await until(async () => (await sendEvent('keyed', ingest.key)) === 401, SOON)
    await until(async () => (await ask('GET', '/v1/sites', undefined, owner.key)) === 401, SOON)
  })
})

describe('every operation of the API document that asks for a key', () => {
  // Who may, apart from the admin. An operation that is not in here fails the test.
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    takeEvents: ['ingest'],
    makeSite: [],
    listSites: ['owner', 'stranger'],
    getSite: ['owner'],
    changeSite: ['owner'],
    makeKey: ['owner'],
    listKeys: ['owner'],
    removeKey: ['owner'],
    makeOffsets: ['owner'],
    listOffsets: ['owner'],
    reverseOffset: ['owner'],
    deleteSite: ['owner'],
  }

  it('lets in whom it should and nobody else', async () => {
    await createSite(product, { id: 'own' })
    await createSite(product, { id: 'theirs' })
    const revoked = await createKey(product, 'own', 'owner')
    await ask('DELETE', `/v1/sites/own/keys/${revoked.id}`)
    const keys: Record<string, string> = {
      admin: product.adminKey,
      owner: (await createKey(product, 'own', 'owner')).key,
      stranger: (await createKey(product, 'theirs', 'owner')).key,
      read: (await createKey(product, 'own', 'read')).key,
      ingest: (await createKey(product, 'own', 'ingest')).key,
      nobody: '',
      unknown: 'tcp_owner_unknown',
      revoked: revoked.key,
    }
    const { json } = await requestJson('GET', `${product.url}/v1/openapi.json`)
    const { paths } = json() as { paths: Record<string, Record<string, { operationId: string; security?: unknown }>> }
    const operations = Object.entries(paths)
      .flatMap(([path, methods]) => Object.entries(methods).map(([method, one]) => ({ path, method, ...one })))
      .filter(({ security }) => security !== undefined)
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(ALLOWED).toSorted())
    // Who may delete the site ends it, so that comes last, and its owner last of all.
    const deletion = operations.find(({ operationId }) => operationId === 'deleteSite')!
    const others = operations.filter((operation) => operation !== deletion)
    const askers = Object.keys(keys)
    const asks = [
      ...others.flatMap((operation) => askers.map((asker) => ({ ...operation, asker }))),
      ...askers.filter((asker) => !['admin', 'owner'].includes(asker)).map((asker) => ({ ...deletion, asker })),
      { ...deletion, asker: 'owner' },
    ]
    const outcomes: unknown[] = []
    for (const { path, method, operationId, asker } of asks) {
      const address = path.replace('{id}', 'own').replace(/\{(keyId|entry)\}/, 'none-such')
      const status = await ask(method.toUpperCase(), address, method === 'get' ? undefined : {}, keys[asker] || null)
      // Whoever is let in gets on to what the request lacks.
      outcomes.push([operationId, asker, [401, 403].includes(status) ? status : 'let in'])
    }
    expect(outcomes).toEqual(asks.map(({ operationId, asker }) => [operationId, asker, outcomeOf(operationId, asker)]))
    expect(await ask('GET', '/v1/sites/own')).toBe(404)
  })

  function outcomeOf(operationId: string, asker: string): number | 'let in' {
    if (asker === 'admin' || ALLOWED[operationId]!.includes(asker)) return 'let in'
    return ['nobody', 'unknown', 'revoked'].includes(asker) ? 401 : 403
  }
})
