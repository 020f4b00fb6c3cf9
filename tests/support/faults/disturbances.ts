import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster, Dice, Servers, Service, ServiceName } from '../harness/index.js'
import { pause } from '../harness/index.js'
import type { KafkaBroker } from '../servers/kafka.js'
import { withRedis } from '../servers/redis.js'
import { between } from './random.js'
import type { WidgetWatch } from './widget-watch.js'

/** On whom, by whose dice, and who is looking. */
export interface Scene {
  readonly cluster: Cluster
  readonly random: Dice
  readonly watch: WidgetWatch
}

type Disturbance = (scene: Scene) => Promise<void>

const shortly = (random: Dice) => pause(between(random, 0, 1500))
const any = ({ cluster, random }: Scene, name: ServiceName) => random.oneOf(cluster.all(name))

async function killed(service: Service, scene: Scene): Promise<void> {
  const die = async () => {
    await service.kill()
    await shortly(scene.random)
    await service.start()
    scene.watch.forget()
  }
  await (service.name === 'api' ? scene.watch.excuse(die) : die())
}

async function frozen(service: Service, scene: Scene, ms: number): Promise<void> {
  const { pid } = service.process
  const stand = async () => {
    process.kill(pid, 'SIGSTOP')
    await pause(ms)
    process.kill(pid, 'SIGCONT')
  }
  await (service.name === 'api' ? scene.watch.excuse(stand) : stand())
}

/** A server that is gone for a while, and what goes on meanwhile. */
async function away(
  server: { kill(): Promise<void>; restart(): Promise<void> },
  { random }: Scene,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await server.kill()
  await shortly(random)
  await meanwhile()
  await server.restart()
}

async function broker({ cluster, random }: Scene, harm: (broker: KafkaBroker) => Promise<void>): Promise<void> {
  await harm(random.oneOf(cluster.servers.kafka.brokers))
}

/** All brokers at once, as one. */
const allBrokers = ({ cluster }: Scene) => {
  const { brokers } = cluster.servers.kafka
  return {
    kill: async () => void (await Promise.all(brokers.map((one) => one.kill()))),
    restart: async () => void (await Promise.all(brokers.map((one) => one.restart()))),
  }
}

async function brokerFrozen(broker: KafkaBroker): Promise<void> {
  broker.freeze()
  await pause(FROZEN_BROKER_MS)
  broker.thaw()
}

/** In order, as an update does it: SIGTERM in the middle of whatever it does. */
async function replaced(service: Service): Promise<void> {
  const { code, wasKilled } = await service.process.stop()
  if (code !== 0 || wasKilled) throw new Error(`the ${service.name} ended with ${code}, killed: ${wasKilled}`)
  await service.start()
}

const waysTo = {
  Kafka: ({ kafka }: Servers) => kafka.brokers.map(({ way }) => way!),
  Redis: ({ ways }: Servers) => [ways!.redis],
  ClickHouse: ({ ways }: Servers) => [ways!.clickhouse],
}

/** What was asked is done, and who asked never hears of it. */
async function answersLost({ cluster, random }: Scene, server: keyof typeof waysTo): Promise<void> {
  const ways = waysTo[server](cluster.servers)
  for (const way of ways) way.cuts = true
  await pause(between(random, 500, 2500))
  for (const way of ways) way.cuts = false
}

/** What was asked is done at once, and who asked hears of it late, often after he has given up. */
async function answersLate({ cluster, random }: Scene, server: keyof typeof waysTo): Promise<void> {
  const ways = waysTo[server](cluster.servers)
  for (const way of ways) way.lateMs = between(random, 300, 6000)
  await pause(between(random, 2000, 5000))
  for (const way of ways) way.lateMs = 0
}

const seconds = (random: Dice) => between(random, 2000, 4000)
/** Longer than the session of a group: the partitions go to another, and the frozen one comes back and thinks that they are its own. */
const OVER_A_SESSION_MS = 7500
const KEPT_SHARE = 0.8
/** Longer than a collector waits for Kafka. */
const SPOOLING_MS = 2500
const FROZEN_BROKER_MS = 3000

/**
 * A kill alone loses nothing that Redis has written; with the machine goes what was not synced, also the end of a transaction:
 * Redis leaves the torn one in its file, and does it again at the start after next.
 */
function loseEnd(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.incr.aof'))
  const file = join(folder, files.toSorted().at(-1)!)
  truncateSync(file, Math.floor(statSync(file).size * KEPT_SHARE))
}

/** What can befall a cluster of which at least two collectors and two aggregators run. Each resolves when it is whole again. */
export const DISTURBANCES = {
  'collector killed': (scene) => killed(any(scene, 'collector'), scene),
  'aggregator killed': (scene) => killed(any(scene, 'aggregator'), scene),
  'all aggregators killed': async (scene) => {
    await Promise.all(scene.cluster.all('aggregator').map((one) => killed(one, scene)))
  },
  'api killed': (scene) => killed(any(scene, 'api'), scene),
  'collector frozen': (scene) => frozen(any(scene, 'collector'), scene, seconds(scene.random)),
  'aggregator frozen': (scene) => frozen(any(scene, 'aggregator'), scene, seconds(scene.random)),
  'aggregator frozen over a session': (scene) => frozen(any(scene, 'aggregator'), scene, OVER_A_SESSION_MS),
  'api frozen': (scene) => frozen(any(scene, 'api'), scene, seconds(scene.random)),
  'Redis killed': (scene) => away(scene.cluster.servers.redis, scene),
  'Redis killed, and an aggregator': async (scene) => {
    const aggregator = any(scene, 'aggregator')
    await away(scene.cluster.servers.redis, scene, () => aggregator.kill())
    await aggregator.start()
  },
  'Redis rolled back': async ({ cluster }) => {
    const { redis } = cluster.servers
    await redis.kill()
    loseEnd(redis.folder)
    await redis.restart()
  },
  'Redis emptied': async ({ cluster }) => {
    await withRedis(cluster.servers.redis, (redis) => redis.flushall())
  },
  'ClickHouse killed': (scene) => away(scene.cluster.servers.clickhouse, scene),
  'ClickHouse restored from a copy': async ({ cluster, random }) => {
    const { clickhouse } = cluster.servers
    await clickhouse.kill()
    const copy = clickhouse.copy()
    await clickhouse.restart()
    await pause(seconds(random))
    await clickhouse.kill()
    clickhouse.restore(copy)
    await clickhouse.restart()
  },
  'a broker killed': (scene) => broker(scene, (one) => away(one, scene)),
  'a broker frozen': (scene) => broker(scene, brokerFrozen),
  'all brokers killed': (scene) => away(allBrokers(scene), scene),
  'all brokers frozen': async ({ cluster }) => {
    await Promise.all(cluster.servers.kafka.brokers.map(brokerFrozen))
  },
  'all brokers killed, and a collector that spools': (scene) =>
    away(allBrokers(scene), scene, async () => {
      await pause(SPOOLING_MS)
      await killed(any(scene, 'collector'), scene)
    }),
  'answers of Kafka lost': (scene) => answersLost(scene, 'Kafka'),
  'answers of Redis lost': (scene) => answersLost(scene, 'Redis'),
  'answers of ClickHouse lost': (scene) => answersLost(scene, 'ClickHouse'),
  'answers of Kafka late': (scene) => answersLate(scene, 'Kafka'),
  'answers of Redis late': (scene) => answersLate(scene, 'Redis'),
  'answers of ClickHouse late': (scene) => answersLate(scene, 'ClickHouse'),
  'a collector replaced in order': (scene) => replaced(any(scene, 'collector')),
  'an aggregator leaves and joins': (scene) => replaced(any(scene, 'aggregator')),
} satisfies Record<string, Disturbance>

export type DisturbanceName = keyof typeof DISTURBANCES
