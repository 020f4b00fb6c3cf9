import type { ConsumerConfig } from 'kafkajs'
import type { KafkaLogger } from '../client/kafka-client.js'
import { METADATA_MAX_AGE_MS, RETRY } from '../client/kafka-client.js'
import { EVENTS_TOPIC } from '../topics/topic-settings.js'

export interface KafkaConsumerOptions {
  readonly log: KafkaLogger
  /** Told when a partition halts: its handler threw, or the log does not hold what the group needs next. */
  readonly onHalt: (group: string, partition: number, error: unknown) => void
  /** Told when the driver gave up for good: nothing is read any more, so the process has to end. */
  readonly onCrash: (group: string, error: unknown) => void
  readonly topic?: string
  /** Before the group's name in Kafka. */
  readonly groupPrefix?: string
  /** A process that is not heard of for so long loses its partitions. 6 s unless said, the least that a broker allows. */
  readonly sessionTimeoutMs?: number
  /** How often `caughtUp` is told while nothing comes, ms. */
  readonly idleMs?: number
  /** How often the handler's position is compared while nothing comes, ms. */
  readonly compareMs?: number
}

export type ConsumerSettings = Required<KafkaConsumerOptions>

export function consumerSettings(options: KafkaConsumerOptions): ConsumerSettings {
  return {
    topic: EVENTS_TOPIC,
    groupPrefix: 'truycap.',
    sessionTimeoutMs: 6000,
    idleMs: 5000,
    compareMs: 10_000,
    ...options,
  }
}

/**
 * The driver's configuration of one group. A fetch that finds nothing comes back after a quarter of a second: heartbeats go out
 * between fetches, and a close waits for one.
 */
export function consumerConfig(group: string, settings: ConsumerSettings, isClosed: () => boolean): ConsumerConfig {
  return {
    groupId: settings.groupPrefix + group,
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: Math.min(1000, settings.sessionTimeoutMs / 6),
    rebalanceTimeout: 20_000,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: 1024 * 1024,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, retries: 5, maxRetryTime: 3000, restartOnFailure: async () => !isClosed() },
  }
}
