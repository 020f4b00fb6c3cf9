import { afterAll, expect, it } from 'vitest'
import type { Expectation, Scene } from '../support/faults/index.js'
import {
  between,
  clusterCaughtUp,
  DISTURBANCES,
  type DisturbanceName,
  shuffled,
  someOf,
  Stage,
  widgetEquals,
  WidgetWatch,
} from '../support/faults/index.js'
import type { Cluster } from '../support/harness/index.js'
import { endEverything, environmentOf, pause, reconcile, startServers, until } from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'
import { clusterStoreDifferences } from './store-differences.js'

/** Browsers that give up sooner than who is frozen thaws: what they sent comes again, with the same ids and to another collector. */
const LOAD = { connections: 32, timeoutMs: 1500, pauseMs: 200 }
/** So many beacons are acknowledged before the next blow, at least: the ways to be wrong need something to be wrong about. */
const BETWEEN = 200
const EACH = Object.keys(DISTURBANCES) as DisturbanceName[]
const TWICE: readonly DisturbanceName[] = ['collector killed', 'Redis rolled back', 'Redis emptied', 'a broker killed']
const EVERY = [...EACH, ...TWICE]
/** So many go into the time that a test run has, one that nothing else tests among them; `npm run faults` takes all. */
const ROUNDS_OF_A_RUN = 4
const ALWAYS: readonly DisturbanceName[] = ['ClickHouse restored from a copy']

const stage = new Stage()
const { traffic, random, seed } = stage
const ROUNDS = roundsOf(process.env['ROUNDS'])
afterAll(endEverything)

/** `ROUNDS=all`, or `ROUNDS='Redis killed;a broker frozen'` to look closer at some. */
function roundsOf(wanted: string | undefined): DisturbanceName[] {
  if (wanted === undefined) return someOf(random, EVERY, ALWAYS, ROUNDS_OF_A_RUN)
  return wanted === 'all' ? shuffled(random, EVERY) : (wanted.split(';') as DisturbanceName[])
}

async function disturb(scene: Scene): Promise<void> {
  for (const name of ROUNDS) {
    const enough = traffic.counts.acknowledged + BETWEEN
    await until(() => traffic.counts.acknowledged >= enough, { timeoutMs: 30_000, what: 'traffic' })
    await pause(between(random, 0, 800))
    await revive(scene.cluster)
    const startedAt = performance.now()
    await DISTURBANCES[name](scene)
    console.log(`${name}: ${Math.round(performance.now() - startedAt)} ms`)
  }
}

async function revive(cluster: Cluster): Promise<void> {
  for (const service of cluster.services) {
    if (await service.revive()) console.log(`the ${service.name} had ended by itself and was started again`)
  }
}

async function storeEquals(cluster: Cluster, expectations: readonly Expectation[]): Promise<void> {
  expect(await clusterStoreDifferences(cluster, expectations)).toEqual([])
}

/** States of a partition that were replaced or never finished are gone: one is left for each, in keys `{tag}generation/…`. */
async function redisHoldsOneState({ servers }: Cluster): Promise<void> {
  const isOneEach = async () => {
    const names = await withRedis(servers.redis, (redis) => redis.keys('*'))
    const states = new Set(names.flatMap((name) => /^.*\{[^}]+\}[^/]+\//.exec(name) ?? []))
    const tags = new Set([...states].map((state) => /\{[^}]+\}/.exec(state)![0]))
    return states.size > 0 && states.size === tags.size
  }
  await until(isOneEach, { timeoutMs: 20_000, what: 'one state a partition' })
}

it(
  `a cluster loses and doubles nothing in ${ROUNDS.length} harms under load (seed ${seed})`,
  { timeout: 700_000 },
  async () => {
    const servers = await startServers({ brokers: 3, overWays: true })
    const cluster = await stage.startCluster({ servers, collectors: 2, aggregators: 3 })
    await stage.makeSites(cluster)
    const watch = new WidgetWatch(cluster.url, 'in-pageviews')
    const flow = traffic.start(cluster.url, LOAD)
    await disturb({ cluster, random, watch })
    await flow.stop()
    await revive(cluster)
    await traffic.settle(cluster.url)
    await clusterCaughtUp(cluster)
    await watch.stop()
    expect.soft(watch.faults).toEqual([])
    const expectations = stage.expectations()
    await widgetEquals(cluster.url, expectations)
    await storeEquals(cluster, expectations)
    await redisHoldsOneState(cluster)
    expect(await reconcile(environmentOf(servers, cluster.database))).toMatchObject({ code: 0 })
    expect([...traffic.counts.requests.keys()].filter((status) => ![0, 204, 502, 503].includes(status))).toEqual([])
    await cluster.stop()
    stage.print(expectations, { rounds: ROUNDS.length, widget: watch.counts })
  },
)
