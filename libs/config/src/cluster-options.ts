import type { z } from 'zod'
import type { migrateConfig } from './variables.js'

type ClusterConfig = z.output<typeof migrateConfig>
type KafkaVariables = Pick<ClusterConfig, `KAFKA_${string}` & keyof ClusterConfig>
type ClickHouseVariables = Pick<ClusterConfig, `CLICKHOUSE_${string}` & keyof ClusterConfig>

interface Login<Mechanism extends string> {
  readonly mechanism: Mechanism
  readonly username: string
  readonly password: string
}

/** How Kafka is reached, as its driver takes it. */
export interface KafkaAddress {
  readonly brokers: readonly string[]
  readonly ssl: boolean
  readonly sasl?: Login<'plain'> | Login<'scram-sha-256'> | Login<'scram-sha-512'>
}

export function kafkaAddressOf(config: KafkaVariables): KafkaAddress {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config
  const address = { brokers: config.KAFKA_BROKERS, ssl: config.KAFKA_SSL }
  if (mechanism === undefined) return address
  return { ...address, sasl: { mechanism, username: username ?? '', password: password ?? '' } }
}

/** The names of the topics, with their version: another format or number of partitions is another version. */
export function topicNamesOf({ KAFKA_TOPIC_PREFIX: prefix }: Pick<KafkaVariables, 'KAFKA_TOPIC_PREFIX'>): {
  readonly eventsTopic: string
  readonly deadLettersTopic: string
} {
  return { eventsTopic: `${prefix}.events.v1`, deadLettersTopic: `${prefix}.dead-letters.v1` }
}

export function clickHouseAddressOf(config: ClickHouseVariables): {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
} {
  const { CLICKHOUSE_URL: url, CLICKHOUSE_USER: username, CLICKHOUSE_PASSWORD: password } = config
  return { url, username, password, database: config.CLICKHOUSE_DATABASE }
}

/** How Redis is reached, in the one URL that its adapter takes; several addresses are nodes of a cluster. */
export function redisUrlOf({ REDIS_URL: urls }: Pick<ClusterConfig, 'REDIS_URL'>): string {
  const [first = '', ...others] = urls
  if (others.length === 0) return first
  const { protocol, username, password } = new URL(first)
  const login = username === '' && password === '' ? '' : `${username}:${password}@`
  return `${protocol.slice(0, -1)}-cluster://${login}${urls.map((url) => new URL(url).host).join(',')}`
}
