import type { Kafka } from 'kafkajs'
import type { Clock, EventLogConsumer, LogHandler, LogSubscription } from '#ports'
import {
  consumerConfig,
  type ConsumerSettings,
  consumerSettings,
  type KafkaConsumerOptions,
} from './consumer-options.js'
import { GroupReader } from './group-reader.js'

/** Reads the log for groups that share its partitions over any number of processes. */
export class KafkaConsumer implements EventLogConsumer {
  private readonly settings: ConsumerSettings

  constructor(
    private readonly kafka: Kafka,
    private readonly clock: Clock,
    options: KafkaConsumerOptions,
  ) {
    this.settings = consumerSettings(options)
  }

  /** Rejects when Kafka or the topic is not there: a start that cannot read says so. Later outages are waited out. */
  async subscribe(group: string, handler: LogHandler): Promise<LogSubscription> {
    const consumer = this.kafka.consumer(consumerConfig(group, this.settings, () => reader.isClosed))
    const reader: GroupReader = new GroupReader(group, handler, consumer, this.kafka.admin(), this.clock, this.settings)
    try {
      await consumer.connect()
      await reader.start()
    } catch (error) {
      await reader.close()
      throw error
    }
    return reader
  }
}
