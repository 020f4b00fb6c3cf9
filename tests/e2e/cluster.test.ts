import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beacon,
  browser,
  createKey,
  createSite,
  endEverything,
  postEvents,
  request,
  requestJson,
  ship,
  startOnSharedServers,
  until,
  widget,
  widgetShows,
} from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'
import { filesWith } from './files-with.js'

/** Contract section 5: usable, and gone, on every door within 2 s. */
const SOON = { timeoutMs: 2000, everyMs: 20 }
const GONE = 'site-to-be-erased-7351'

let cluster: Awaited<ReturnType<typeof startOnSharedServers>>

beforeAll(async () => {
  cluster = await startOnSharedServers({ apis: 2, collectors: 2 })
})

afterAll(endEverything)

const admin = async (method: string, path: string, body?: unknown, key = cluster.adminKey) =>
  (await requestJson(method, cluster.url + path, body, key)).status
const view = (s: string, n: number) =>
  ship(cluster.url, { beacons: [beacon({ s, u: `https://example.vn/${n % 5}` })], userAgent: browser(n) })

describe('two collectors and two apis', () => {
  it('know a site and a key at once, whichever of them is asked', async () => {
    const [one, other] = cluster.all('api')
    await createSite({ url: one!.url, adminKey: cluster.adminKey }, { id: 'shared', unit: 'pageviews' })
    const { key: ingest } = await createKey({ url: one!.url, adminKey: cluster.adminKey }, 'shared')
    for (const [n, { url }] of cluster.all('collector').entries()) {
      const event = {
        site: 'shared',
        type: 'view',
        id: `e${n}`,
        at: new Date().toISOString(),
        url: 'https://example.vn/',
      }
      expect((await postEvents(url, ingest, [event])).json()).toMatchObject({ accepted: 1 })
    }
    const { key: owner } = await createKey({ url: one!.url, adminKey: cluster.adminKey }, 'shared', 'owner')
    expect((await requestJson('GET', `${other!.url}/v1/sites/shared`, undefined, owner)).status).toBe(200)
    for (const { url } of [one!, other!]) await widgetShows(url, 'shared', { total: 2 })
  })
})

describe('DELETE /v1/sites/{id}', () => {
  it('erases everything of the site from Redis, ClickHouse and the folders, over a kill -9 of all services', async () => {
    for (const id of [GONE, 'stays']) {
      await createSite(cluster, { id, name: `Trang ${id}`, unit: 'pageviews' })
      for (let n = 0; n < 20; n++) await view(id, n)
      await widgetShows(cluster.url, id, { total: 20 })
      const carried = { field: 'total', add: 1000, reason: 'bộ đếm cũ' }
      expect(await admin('POST', `/v1/sites/${id}/offsets`, carried)).toBe(201)
      await until(async () => (await rowsOf(id)).events === 20, { what: `the history of ${id}` })
    }
    expect([(await inRedis(GONE)) > 0, inFolders(GONE).length > 0]).toEqual([true, true])

    expect(await admin('DELETE', `/v1/sites/${GONE}`)).toBe(204)
    await cluster.crash()
    await until(async () => (await request({ url: `${cluster.url}/w/${GONE}.json` })).status === 404, SOON)
    await until(async () => (await view(GONE, 1)).status === 404, SOON)
    const nothing = { redis: 0, rows: { events: 0, keys: 0, offset_commits: 0 }, folders: [] }
    const left = async () => ({ redis: await inRedis(GONE), rows: await rowsOf(GONE), folders: inFolders(GONE) })
    await expect.poll(left, { timeout: 20_000, interval: 250 }).toEqual(nothing)

    expect(await admin('POST', '/v1/sites', { id: GONE })).toBe(409)
    expect(await widget(cluster.url, 'stays')).toMatchObject({ today: 20, total: 1020 })
    expect(await rowsOf('stays')).toMatchObject({ events: 20, offset_commits: 1 })
  })
})

async function rowsOf(siteId: string): Promise<Record<'events' | 'keys' | 'offset_commits', number>> {
  const { url, user, password } = cluster.servers.clickhouse
  const count = async (table: string, column: string) => {
    const { status, text } = await request({
      url: `${url}/?database=${cluster.database}`,
      method: 'POST',
      headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
      body: `SELECT count() FROM ${table} WHERE ${column} = '${siteId}'`,
    })
    if (status !== 200) throw new Error(text)
    return Number(text)
  }
  return {
    events: await count('events', 'site'),
    keys: await count('keys', 'site_id'),
    offset_commits: await count('offset_commits', 'site_id'),
  }
}

/** How many keys of Redis have the text in their name or in what they hold. */
function inRedis(text: string): Promise<number> {
  return withRedis(cluster.servers.redis, async (redis) => {
    const keys = await redis.keys('*')
    const found = await Promise.all(keys.map(async (key) => `${key} ${await contentOf(redis, key)}`.includes(text)))
    return found.filter(Boolean).length
  })
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key)
  if (type === 'hash') return JSON.stringify(await redis.hgetall(key))
  if (type === 'set') return (await redis.smembers(key)).join(' ')
  if (type === 'zset') return (await redis.zrange(key, '0', '-1')).join(' ')
  return (await redis.get(key)) ?? ''
}

const inFolders = (text: string): string[] =>
  [...cluster.all('api'), ...cluster.all('collector')].flatMap(({ process }) => filesWith(process.dataDir, text))
