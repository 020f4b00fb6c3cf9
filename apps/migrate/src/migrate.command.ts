import { ClickHouseConnection, migrate } from '#adapters/clickhouse'
import { checkTopics, createKafka, createTopics, topicOptionProblems, TopicsError } from '#adapters/kafka'
import { assertRedisKeeps, connectRedis } from '#adapters/redis'
import {
  clickHouseAddressOf,
  ConfigError,
  kafkaAddressOf,
  migrateConfig,
  type MigrateConfig,
  readConfig,
  redisUrlOf,
  topicNamesOf,
} from '#config'

interface Output {
  write(text: string): unknown
}

interface Step {
  readonly name: string
  work(config: MigrateConfig): Promise<void>
}

/** Redis and Kafka are asked first whether they keep what they are given; only then is anything made. */
const STEPS: readonly Step[] = [
  { name: 'Redis keeps what it is given', work: checkRedis },
  { name: 'Kafka has its topics', work: makeTopics },
  { name: 'ClickHouse has its tables', work: makeTables },
]

/**
 * `npm run migrate`: makes topics and tables where they are missing and refuses what would lose data. Safe to run again, and
 * twice at once. Resolves to the exit code: 1 after one clear message.
 */
export async function migrateCommand(
  env: Readonly<Record<string, string | undefined>>,
  out: Output,
  err: Output,
): Promise<number> {
  try {
    const config = readConfig(migrateConfig, env)
    for (const { name, work } of STEPS) {
      await work(config).catch((error: unknown) => {
        throw new Refusal(name, error)
      })
      out.write(`${name}.\n`)
    }
    return 0
  } catch (error) {
    const isKnown = error instanceof Refusal || error instanceof ConfigError
    err.write(`${isKnown ? error.message : String((error as Error).stack)}\n`)
    return 1
  }
}

class Refusal extends Error {
  constructor(step: string, cause: unknown) {
    super(`Not done: ${step}.\n${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

async function checkRedis(config: MigrateConfig): Promise<void> {
  // A command says only that there is no connection; why there is none (a certificate, a port) the connection says.
  let reason: Error | undefined
  const client = connectRedis({ url: redisUrlOf(config), onError: (error) => (reason = error) })
  try {
    await assertRedisKeeps(client)
  } catch (error) {
    throw client.status === 'ready' ? error : (reason ?? error)
  } finally {
    client.disconnect()
  }
}

async function makeTopics(config: MigrateConfig): Promise<void> {
  const admin = createKafka({ ...kafkaAddressOf(config), clientId: 'truycap-migrate', log: () => undefined }).admin()
  const replicationFactor = config.KAFKA_REPLICATION_FACTOR
  // One replica may be away, where there are enough to say so.
  const options = { ...topicNamesOf(config), replicationFactor, minInsyncReplicas: Math.max(1, replicationFactor - 1) }
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    const problems = topicOptionProblems(brokers.length, options)
    if (problems.length > 0) throw new TopicsError(problems)
    await createTopics(admin, options)
    await checkTopics(admin, options)
  } finally {
    await admin.disconnect()
  }
}

async function makeTables(config: MigrateConfig): Promise<void> {
  const connection = new ClickHouseConnection(clickHouseAddressOf(config))
  try {
    await migrate(connection)
  } finally {
    await connection.close()
  }
}
