import kafkajs from 'kafkajs'
import type { Kafka, KafkaConfig, RetryOptions } from 'kafkajs'
import { patchKafkajs } from './kafkajs-patches.js'
import { rareLog } from './rare-log.js'

/** What the driver says of itself; `details` are its own fields. */
export type KafkaLogger = (
  level: 'error' | 'warn' | 'info' | 'debug',
  message: string,
  details: Record<string, unknown>,
) => void

export interface KafkaClientOptions extends Pick<KafkaConfig, 'ssl' | 'sasl'> {
  /** `host:port` of some brokers; the rest is learned from them. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly log: KafkaLogger
  /** A request that is not answered in this time is tried again: a frozen broker must not hold up a flush for long. 2 s unless said. */
  readonly requestTimeoutMs?: number
}

/** Every field is said: kafkajs takes other ones when NODE_ENV is `test`. */
export const RETRY = {
  retries: 3,
  initialRetryTime: 100,
  maxRetryTime: 1000,
  factor: 0.2,
  multiplier: 2,
} as const satisfies RetryOptions

/** So long may the driver believe in a leader that is gone; each look costs one request. */
export const METADATA_MAX_AGE_MS = 5000

const LEVELS = { 1: 'error', 2: 'warn', 4: 'info', 5: 'debug' } as const

/** The driver's configuration, as our client and Nest's transport take it. Patches the driver before its first use. */
export function kafkaConfig(options: KafkaClientOptions): KafkaConfig {
  patchKafkajs(options.log)
  const { brokers, clientId, requestTimeoutMs = 2000, log: say, ...security } = options
  const log = rareLog(say)
  return {
    ...security,
    brokers: [...brokers],
    clientId,
    requestTimeout: requestTimeoutMs,
    retry: RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator:
      () =>
      ({ level, namespace, log: { message, timestamp: _timestamp, logger: _logger, ...details } }) => {
        if (level !== kafkajs.logLevel.NOTHING) log(LEVELS[level], message, { ...details, namespace })
      },
  }
}

/** Opens nothing: its producers, consumers and admins connect when they are asked to. */
export function createKafka(options: KafkaClientOptions): Kafka {
  return new kafkajs.Kafka(kafkaConfig(options))
}
