import { BaseRpcContext, ServerKafka } from '@nestjs/microservices'
import kafkajs from 'kafkajs'
import type { Admin, Consumer } from 'kafkajs'
import { lastValueFrom } from 'rxjs'
import type { Clock, LogBatch, LogHandler, LogLag } from '#ports'
import { kafkaConfig, type KafkaClientOptions } from '../client/kafka-client.js'
import {
  consumerConfig,
  type ConsumerSettings,
  consumerSettings,
  type KafkaConsumerOptions,
} from './consumer-options.js'
import { GroupReader } from './group-reader.js'

/** What a group says of itself besides its `@EventPattern` handler, which is its `apply`. */
export type GroupRules = Omit<LogHandler, 'apply'>

export interface KafkaStrategyOptions {
  readonly group: string
  /** Handlers with `@EventPattern(pattern, transport)` belong to this group alone. */
  readonly transport: symbol
  /** What they are marked with; the topic may be called otherwise. */
  readonly pattern: string
  readonly rules: GroupRules
  readonly client: KafkaClientOptions
  readonly consumer: KafkaConsumerOptions
  readonly clock: Clock
}

/** Nest carries a copy of the driver's types, which differs in small things. */
type NestOptions = ConstructorParameters<typeof ServerKafka>[0]

/**
 * Nest's Kafka transport for a group that takes its events in batches. Nest's own goes message by message and commits what it has
 * no handler for; of it stay the client, the lifecycle, and handlers with their guards, pipes and interceptors. The handler gets a
 * `LogBatch` and returns where to go on.
 */
export class KafkaStrategy extends ServerKafka {
  private readonly settings: ConsumerSettings
  private reader: GroupReader | undefined

  constructor(private readonly group: KafkaStrategyOptions) {
    const settings = consumerSettings(group.consumer)
    const client = kafkaConfig(group.client)
    const consumer = consumerConfig(group.group, settings, () => this.reader?.isClosed ?? false)
    // Nest's producer answers requests, of which there are none; named only so that the driver does not warn of its choice.
    const producer = { createPartitioner: kafkajs.Partitioners.DefaultPartitioner }
    super({ postfixId: '', client, consumer, producer } as NestOptions)
    this.settings = settings
    this.transportId = group.transport
  }

  override async bindEvents(consumer: unknown): Promise<void> {
    const { group, rules, clock } = this.group
    if (this.getHandlerByPattern(this.group.pattern) === null)
      throw new Error(
        `Group ${group} has no handler: nothing is marked @EventPattern('${this.group.pattern}', …) for it.`,
      )
    const handler: LogHandler = {
      maxRecords: rules.maxRecords,
      position: (partition, extent) => rules.position(partition, extent),
      caughtUp: (partition, next, atMs, streamTimeMs) => rules.caughtUp(partition, next, atMs, streamTimeMs),
      apply: (batch) => this.dispatch(batch),
    }
    this.reader = new GroupReader(group, handler, consumer as Consumer, this.admin(), clock, this.settings)
    await this.reader.start()
  }

  /** Where the group stands in the partitions that are assigned to this process; empty until it listens. */
  lag(): readonly LogLag[] {
    return this.reader?.lag() ?? []
  }

  /** Stops fetching, finishes the batches at hand, leaves the group. */
  override async close(): Promise<void> {
    await this.reader?.close()
    await super.close()
  }

  private admin(): Admin {
    return (this.client as unknown as { admin(): Admin }).admin()
  }

  /** The handler as Nest wraps it gives a stream; its last value is what the method returned. */
  private async dispatch(batch: LogBatch): Promise<number> {
    const handler = this.getHandlerByPattern(this.group.pattern)!
    const context = new BaseRpcContext([this.settings.topic, batch.partition])
    return lastValueFrom(this.transformToObservable(handler(batch, context) as Promise<number>))
  }
}
