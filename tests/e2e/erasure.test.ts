import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClickHouseConnection } from '#adapters/clickhouse'
import { startEngine } from '#adapters/embedded'
import { DurableLevel } from '#disk'
import {
  createKey,
  createSite,
  endEverything,
  pause,
  type Standalone,
  startStandalone,
  until,
  widget,
  widgetShows,
} from '../support/harness/index.js'
import { filesWith } from './files-with.js'
import { actsOn } from './site-acts.js'

/** Contract section 5: usable on every door within 2 s. */
const SOON = { timeoutMs: 2000, everyMs: 20 }

let product: Standalone
const { ask, view, sendEvent } = actsOn(() => product)

beforeAll(async () => {
  product = await startStandalone()
  await product.waitReady()
})
afterAll(endEverything)

it('a key is nowhere in the data folder of a running product', async () => {
  await createSite(product, { id: 'keyed' })
  const { key } = await createKey(product, 'keyed', 'read')
  await pause(1500)
  expect(filesWith(product.dataDir, key)).toEqual([])
})

describe('DELETE /v1/sites/{id}', () => {
  const GONE = 'site-to-be-erased-7351'

  it('erases everything of the site, over a kill -9, and nothing of another', async () => {
    await createSite(product, { id: GONE, name: 'Trang sẽ bị xóa', unit: 'pageviews' })
    await createSite(product, { id: 'stays', unit: 'pageviews' })
    const owner = await createKey(product, GONE, 'owner')
    const ingest = await createKey(product, GONE, 'ingest')
    for (let n = 0; n < 30; n++) for (const s of [GONE, 'stays']) await view(s, n % 7, `/${n % 5}`)
    await widgetShows(product.url, GONE, { today: 30 })
    await widgetShows(product.url, 'stays', { today: 30 })
    const carried = { field: 'total', add: 1000, reason: 'bộ đếm cũ' }
    for (const s of [GONE, 'stays']) expect(await ask('POST', `/v1/sites/${s}/offsets`, carried)).toBe(201)
    await widgetShows(product.url, GONE, { total: 1030 })
    // Until all of it is on the disk in every form: history, checkpoint, last known numbers.
    await until(() => filesWith(join(product.dataDir, 'snapshots'), GONE).length > 0, {
      what: 'the last known numbers',
    })
    await until(() => filesWith(join(product.dataDir, 'counters'), GONE).length > 0, { what: 'a checkpoint' })

    expect(await ask('DELETE', `/v1/sites/${GONE}`, undefined, owner.key)).toBe(204)
    await expectGone(owner.key, ingest.key)

    // In the middle of the erasure: the last of it is due 5 s after the deletion.
    await product.killTree()
    product = await startStandalone({ dataDir: product.dataDir })
    await product.waitReady()
    await expectGone(owner.key, ingest.key)
    expect(await widget(product.url, 'stays')).toMatchObject({ today: 30, total: 1030 })

    await pause(8000)
    expect((await product.stop()).code).toBe(0)
    expect(await counterKeysOf(product.dataDir, GONE)).toEqual([])
    expect((await counterKeysOf(product.dataDir, 'stays')).length).toBeGreaterThan(5)
    for (const folder of ['counters', 'snapshots']) expect(filesWith(join(product.dataDir, folder), GONE)).toEqual([])
    expect(filesWith(product.dataDir, GONE, { deep: false })).toEqual([])
    const rows = await rowsOf(product.dataDir, [GONE, 'stays'])
    expect(rows).toEqual({ events: { stays: 30 }, keys: {}, offsets: { stays: 1 }, names: [''] })

    product = await startStandalone({ dataDir: product.dataDir })
    await product.waitReady()
    await expectGone(owner.key, ingest.key)
    expect(await widget(product.url, 'stays')).toMatchObject({ today: 30, total: 1030 })
  }, 120_000)

  async function expectGone(ownerKey: string, ingestKey: string): Promise<void> {
    await until(async () => (await ask('GET', `/w/${GONE}.json`)) === 404, SOON)
    await until(async () => (await view(GONE, 1)).status === 404, SOON)
    await until(async () => (await sendEvent(GONE, ingestKey)) === 401, SOON)
    expect(await ask('GET', '/v1/sites', undefined, ownerKey)).toBe(401)
    expect(await ask('GET', `/v1/sites/${GONE}`)).toBe(404)
    expect(await ask('POST', '/v1/sites', { id: GONE })).toBe(409)
  }
})

async function counterKeysOf(dataDir: string, siteId: string): Promise<string[]> {
  const level = await DurableLevel.open(join(dataDir, 'counters'))
  const keys: string[] = []
  for await (const key of level.keys('', '\uffff')) if (key.includes(siteId)) keys.push(key)
  await level.close()
  return keys
}

/** What ClickHouse has: events and keys by site, and the names of the first site's rows in the registry. */
async function rowsOf(dataDir: string, [gone, ...others]: readonly string[]): Promise<Record<string, unknown>> {
  const engine = await startEngine({ dataDir: join(dataDir, 'clickhouse') })
  const { username, password, database } = engine
  const connection = new ClickHouseConnection({ url: () => engine.url(), username, password, database })
  const counts = async (table: string, column: string) => {
    const sql = `SELECT ${column} AS site, count() AS n FROM ${table} WHERE ${column} IN {sites:Array(String)} GROUP BY site`
    const rows = await connection.query<{ site: string; n: string }>(sql, { sites: [gone!, ...others] })
    return Object.fromEntries(rows.map(({ site, n }) => [site, Number(n)]))
  }
  try {
    const names = await connection.query<{ name: string }>('SELECT DISTINCT name FROM sites WHERE id = {gone:String}', {
      gone: gone!,
    })
    return {
      events: await counts('events', 'site'),
      keys: await counts('keys', 'site_id'),
      offsets: await counts('offset_commits', 'site_id'),
      names: names.map(({ name }) => name),
    }
  } finally {
    await connection.close()
    await engine.stop()
  }
}
