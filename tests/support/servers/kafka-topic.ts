import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import type { Admin, Kafka } from 'kafkajs'

/** First offset and end of a partition. */
export interface Held {
  readonly partition: number
  readonly first: number
  readonly end: number
}

/** What can be done to a topic past the product. */
export class KafkaTopic {
  private readonly kafka: Kafka

  constructor(
    addresses: readonly string[],
    private readonly topic: string,
  ) {
    this.kafka = new kafkajs.Kafka({
      brokers: [...addresses],
      clientId: 'harness',
      logLevel: kafkajs.logLevel.NOTHING,
    })
  }

  held(): Promise<Held[]> {
    return this.withAdmin(async (admin) => {
      const offsets = await admin.fetchTopicOffsets(this.topic)
      return offsets.map(({ partition, low, high }) => ({ partition, first: Number(low), end: Number(high) }))
    })
  }

  /** Appends records that no product can have written. */
  async appendPoison(partition: number, sizes: readonly number[]): Promise<void> {
    const producer = this.kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    const messages = sizes.map((size) => ({ partition, value: randomBytes(size) }))
    await producer.send({ topic: this.topic, acks: -1, messages }).finally(() => producer.disconnect())
  }

  /** Lets go of everything before an offset, as retention does. */
  cut(partition: number, first: number): Promise<void> {
    const { topic } = this
    return this.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic) // the driver asks for leaders only here
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(first) }] })
    })
  }

  private async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin()
    await admin.connect()
    return work(admin).finally(() => admin.disconnect())
  }
}
