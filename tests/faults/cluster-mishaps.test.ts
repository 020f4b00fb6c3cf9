import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import { EVENT_PARTITIONS } from '#adapters/kafka'
import type { Cluster } from '../support/harness/index.js'
import { endEverything, pause, until, valuesOf, widget } from '../support/harness/index.js'
import {
  clusterCaughtUp,
  health,
  Stage,
  widgetDifferences,
  widgetEquals,
  WidgetWatch,
} from '../support/faults/index.js'
import { KafkaTopic } from '../support/servers/kafka-topic.js'
import { withRedis } from '../support/servers/redis.js'
import { clusterStoreDifferences } from './store-differences.js'

const SITE = 'in-pageviews'
const PARTITION = partitionOf(SITE, EVENT_PARTITIONS)
const LOAD = { connections: 16, pauseMs: 50, timeoutMs: 3000 }
const LOAD_MS = 1000

const stage = new Stage()
let cluster: Cluster
let events: KafkaTopic
let deadLetters: KafkaTopic

beforeAll(async () => {
  cluster = await stage.startCluster()
  const { addresses } = cluster.servers.kafka
  events = new KafkaTopic(addresses, `${cluster.database}.events.v1`)
  deadLetters = new KafkaTopic(addresses, `${cluster.database}.dead-letters.v1`)
  await stage.makeSites(cluster)
})
afterAll(endEverything)

const load = () => stage.load(cluster, LOAD_MS, LOAD)
const redis = (...command: [string, ...string[]]) =>
  withRedis(cluster.servers.redis, async (client) => {
    const [name, ...args] = command
    await client.call(name, ...args)
  })

/** Every door and the store say what the recount does. */
async function allEqual(): Promise<void> {
  await stage.traffic.settle(cluster.url)
  await clusterCaughtUp(cluster)
  const expectations = stage.expectations()
  await widgetEquals(cluster.url, expectations)
  expect(await clusterStoreDifferences(cluster, expectations)).toEqual([])
}

/** The widget answers all the time and never falls. */
async function watched(work: () => Promise<void>): Promise<WidgetWatch> {
  const watch = new WidgetWatch(cluster.url, SITE)
  await work().finally(() => watch.stop())
  expect(watch.faults).toEqual([])
  return watch
}

describe(`a cluster (seed ${stage.seed})`, () => {
  it('sets records aside that nobody can read and counts what comes after them', async () => {
    await load()
    await events.appendPoison(PARTITION, [0, 1, 200, 5000])
    await load()
    await allEqual()
    expect(await valuesOf(cluster.one('aggregator').opsUrl, 'truycap_dead_letters_total')).toEqual({ poison: 4 })
    const letters = (await deadLetters.held()).reduce((sum, { end }) => sum + end, 0)
    expect(letters).toBe(4)
  })

  it('counts and shows while ClickHouse is away, and has the history when it is back', async () => {
    await cluster.servers.clickhouse.kill()
    await load()
    await widgetEquals(cluster.url, stage.expectations())
    const storeIsDown = async () =>
      (await health(cluster.one('aggregator').opsUrl)).dependencies['clickhouse'] === 'down'
    await until(storeIsDown, { what: 'the health to say that ClickHouse is away' })
    await cluster.servers.clickhouse.restart()
    await allEqual()
  })

  it.each([
    {
      what: 'is full',
      harm: () => redis('CONFIG', 'SET', 'maxmemory', '1'),
      relieve: () => redis('CONFIG', 'SET', 'maxmemory', '0'),
    },
    {
      what: 'takes no writes',
      harm: () => redis('REPLICAOF', '127.0.0.1', '1'),
      relieve: () => redis('REPLICAOF', 'NO', 'ONE'),
    },
  ])('loses nothing while Redis $what', async ({ harm, relieve }) => {
    await watched(async () => {
      const before = await widget(cluster.url, SITE)
      await harm()
      await load()
      await pause(1000)
      expect((await widget(cluster.url, SITE)).total).toBeLessThanOrEqual(before.total + 500)
      await relieve()
      await allEqual()
    })
  })

  it('makes emptied counters anew from the store and the rest of a log that no longer begins at its beginning', async () => {
    const held = (await events.held()).filter(({ end }) => end > 1)
    for (const { partition, end } of held) await events.cut(partition, Math.floor(end / 2))
    const watch = await watched(async () => {
      await redis('FLUSHALL')
      const expectations = stage.expectations()
      // Heartbeats of readers who are online are in no store, and their half of the log is gone.
      const isEqual = async () =>
        (await widgetDifferences(cluster.url, expectations)).every((one) => / online: /.test(one))
      await until(isEqual, { timeoutMs: 30_000, everyMs: 200, what: 'the counters to be made anew' })
    })
    expect(watch.counts.stale).toBeGreaterThan(0)
    // Ids are known as well: nothing is counted again, and the heartbeats are back.
    await stage.traffic.sendAllAgain(cluster.url)
    await allEqual()
  })

  it('halts a partition whose log lost what was not counted, and says so, and goes on with the others', async () => {
    const aggregator = cluster.one('aggregator')
    const before = await widget(cluster.url, SITE)
    process.kill(aggregator.process.pid, 'SIGSTOP')
    await load()
    const end = (await events.held()).find(({ partition }) => partition === PARTITION)!.end
    await events.cut(PARTITION, end)
    process.kill(aggregator.process.pid, 'SIGCONT')
    const isHalted = async () => (await health(aggregator.opsUrl)).dependencies['counters'] === 'halted'
    await until(isHalted, { timeoutMs: 20_000, what: 'the counting to halt' })
    expect((await health(aggregator.opsUrl)).status).toBe(503)
    // An answer of Kafka that was on its way when the process froze is counted; nothing behind the hole is.
    const halted = (await widget(cluster.url, SITE)).total
    expect(halted).toBeGreaterThanOrEqual(before.total)
    await load()
    await stage.traffic.settle(cluster.url)
    const other = stage.expectations().filter(({ site }) => site.id === 'solo')
    await widgetEquals(cluster.url, other)
    expect((await widget(cluster.url, SITE)).total).toBe(halted)
    const own = stage.expectations().filter(({ site }) => site.id === SITE)
    expect(await widgetDifferences(cluster.url, own)).not.toEqual([])
  })
})
