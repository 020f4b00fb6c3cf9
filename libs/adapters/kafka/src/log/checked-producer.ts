import type { Kafka, Message, PartitionerArgs, Producer } from 'kafkajs'
import { within } from '#ports'
import { METADATA_MAX_AGE_MS, RETRY } from '../client/kafka-client.js'

const DISCONNECT_WITHIN_MS = 3000

/** Its partition is always said, so that the driver has nothing to choose. `value` is a Buffer: the driver writes other bytes as text. */
export interface PlacedMessage extends Message {
  readonly partition: number
  readonly value: Buffer
}

/** A partitioner that takes what the message says. */
const placed = () => (args: PartitionerArgs) => (args.message as PlacedMessage).partition

/** Sends messages and tells which partitions surely have them. */
export interface MessageSender {
  /** The partitions that acknowledged; messages of others may be in the log or not. Rejects when nothing can be said. */
  send(messages: PlacedMessage[]): Promise<ReadonlySet<number>>
  close(): Promise<void>
}

/**
 * A kafkajs producer whose answers are read. `idempotent` stays off on purpose: kafkajs takes its sequence back on an error, and
 * the broker then acknowledges the next batch as a repeat of the lost one. Repeats are harmless here, losses are not.
 */
export class CheckedProducer implements MessageSender {
  private readonly producer: Producer
  private connecting: Promise<void> | undefined

  constructor(
    kafka: Kafka,
    private readonly topic: string,
    private readonly timeoutMs: number,
  ) {
    this.producer = kafka.producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: RETRY,
      createPartitioner: placed,
    })
  }

  /** Every partition must be in the answer: `send` also resolves when one whose leader moved meanwhile was never produced. */
  async send(messages: PlacedMessage[]): Promise<ReadonlySet<number>> {
    await this.connect()
    const answers = await this.producer.send({ topic: this.topic, acks: -1, timeout: this.timeoutMs, messages })
    return new Set(answers.filter(({ errorCode }) => errorCode === 0).map(({ partition }) => partition))
  }

  /** Shared by all who wait; a failure is forgotten, so the next one tries anew. */
  connect(): Promise<void> {
    this.connecting ??= this.producer.connect().catch((error: unknown) => {
      this.connecting = undefined
      throw error
    })
    return this.connecting
  }

  async close(): Promise<void> {
    await within(this.producer.disconnect(), DISCONNECT_WITHIN_MS, undefined)
  }
}
