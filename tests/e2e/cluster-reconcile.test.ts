import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  calmTimeZone,
  type Cluster,
  createSite,
  endEverything,
  environmentOf,
  reconcile,
  type ServerAddresses,
  startOnSharedServers,
  until,
} from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'
import { driftOf, sendViews } from './drifts.js'

/** Of the sites, the first is tampered with. They live in different partitions. */
const SITES = ['drifts', 'second', 'third']

describe('reconciliation in a cluster', () => {
  let cluster: Cluster<ServerAddresses>
  let env: Record<string, string>
  beforeAll(async () => {
    cluster = await startOnSharedServers()
    env = environmentOf(cluster.servers, cluster.database)
    for (const id of SITES) await createSite(cluster, { id, timeZone: calmTimeZone() })
    await sendViews(cluster.url, SITES)
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
async function change(
  { servers: { redis } }: Cluster<ServerAddresses>,
  name: RegExp,
  field: string,
  by: number,
): Promise<void> {
  await withRedis(redis, async (client) => {
    const keys = (await client.keys('*')).filter((key) => name.test(key))
    expect(keys).toHaveLength(1)
    await client.hincrby(keys[0]!, field, by)
  })
}
