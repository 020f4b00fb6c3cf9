import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beacon,
  browser,
  calmTimeZone,
  Cluster,
  createSite,
  endEverything,
  environmentOf,
  metricsOf,
  postBeacon,
  reconcile,
  type Standalone,
  startStandalone,
  until,
  widgetShows,
} from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'

/** Of the sites, the first is tampered with. They live in different partitions. */
const SITES = ['drifts', 'second', 'third']
const PATHS = ['/', '/tin-tức', '/a']
const NOTHING = { day: 0, week: 0, month: 0, year: 0, total: 0, views: 0, records: 0 }

/** The gauge by period, as the ops port exports it; empty before the first look. */
async function driftOf(opsUrl: string): Promise<Record<string, number>> {
  const { samples } = await metricsOf(opsUrl)
  const own = samples.filter(({ name }) => name === 'truycap_counter_drift')
  return Object.fromEntries(own.map(({ labels, value }) => [labels.period, value]))
}

async function send(url: string, sites: readonly string[]): Promise<void> {
  for (const s of sites) {
    for (const [n, path] of [...PATHS, ...PATHS].entries()) {
      const body = beacon({ s, u: `https://example.vn${path}` })
      expect((await postBeacon(url, body, { 'User-Agent': browser(n) })).status).toBe(204)
    }
  }
  for (const site of sites) await widgetShows(url, site, { total: 6 })
}

describe('reconciliation in a cluster', () => {
  let cluster: Cluster
  let env: Record<string, string>
  beforeAll(async () => {
    cluster = await Cluster.start()
    env = environmentOf(cluster.servers, cluster.database)
    for (const id of SITES) await createSite(cluster, { id, timeZone: calmTimeZone() })
    await send(cluster.url, SITES)
  })
  afterAll(endEverything)

  it('says that all is equal, and then which counter was changed behind its back', async () => {
    const equal = await reconcile(env)
    expect(equal).toMatchObject({ code: 0, text: expect.stringMatching(/^ +all +3 +63 +0 +0 +0 +0 +0 +0 +0$/m) })

    await change(cluster, /^.*\/call\/drifts$/, 't:s', 4)
    await change(cluster, /^.*\/v\/drifts$/, '/a', -1)
    const drifted = await reconcile(env)
    expect(drifted.code).toBe(1)
    expect(drifted.text).toMatch(/^ +all +3 +63 +0 +0 +0 +0 +4 +1 +0$/m)
    expect(drifted.text).toMatch(/site drifts, period total, bucket t: visits 10, the store says 6$/m)
    expect(drifted.text).toMatch(/site drifts, period views, path \/a: views 1, the store says 2$/m)
    expect(drifted.text.match(/^Drift:/gm)).toHaveLength(2)

    const aggregator = cluster.one('aggregator')
    await aggregator.process.stop() // in order: a killed one keeps its partitions until its session ends
    await aggregator.start()
    const isSeen = async () => (await driftOf(aggregator.opsUrl)).total === 4
    await until(isSeen, { timeoutMs: 60_000, what: 'the aggregator to see the drift' })
    await until(async () => (await driftOf(aggregator.opsUrl)).views === 1, { what: 'and that of views' })
    expect(aggregator.process.logs().some(({ msg }) => /drift.*period total, site drifts/.test(String(msg)))).toBe(true)
  })

  it('says so when it could not compare', async () => {
    const wrong = [{ CLICKHOUSE_URL: 'http://127.0.0.1:9' }, { REDIS_URL: '' }]
    const [away, refused] = await Promise.all(wrong.map((one) => reconcile({ ...env, ...one } as typeof env)))
    expect(away).toMatchObject({ code: 2, text: expect.stringMatching(/^Not compared: partition 0\./m) })
    expect(refused).toMatchObject({ code: 2, text: expect.stringContaining('REDIS_URL') })
  })
})

/** Adds to one field of the one key with such a name. */
async function change({ servers: { redis } }: Cluster, name: RegExp, field: string, by: number): Promise<void> {
  await withRedis(redis, async (client) => {
    const keys = (await client.keys('*')).filter((key) => name.test(key))
    expect(keys).toHaveLength(1)
    await client.hincrby(keys[0]!, field, by)
  })
}

describe('reconciliation in the embedded mode', () => {
  let product: Standalone
  beforeAll(async () => {
    product = await startStandalone()
  })
  afterAll(endEverything)

  it('goes on by itself and finds no drift', async () => {
    await createSite(product, { id: 'alone', timeZone: calmTimeZone() })
    await send(product.url, ['alone'])
    await until(async () => (await driftOf(product.opsUrl)).total === 0, { what: 'the first look' })
    expect(await driftOf(product.opsUrl)).toEqual(NOTHING)
  })
})
