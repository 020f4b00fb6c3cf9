import type { Kafka } from 'kafkajs'
import type { DeadLetter, DeadLetters } from '#ports'
import { DEAD_LETTER_PARTITIONS, DEAD_LETTERS_TOPIC } from '../topics/topic-settings.js'
import { CheckedProducer, type PlacedMessage } from './checked-producer.js'

const TIMEOUT_MS = 5000

export interface KafkaDeadLettersOptions {
  readonly topic?: string
  readonly partitions?: number
}

/**
 * Dead letters in a topic of their own. A topic cannot remove repeats: a letter that was added twice (a batch applied again) lies
 * there twice, under one key, `partition/offset`, and in one partition. Its reader takes one letter per key.
 */
export class KafkaDeadLetters implements DeadLetters {
  private readonly producer: CheckedProducer
  private readonly partitions: number

  constructor(kafka: Kafka, options: KafkaDeadLettersOptions = {}) {
    this.partitions = options.partitions ?? DEAD_LETTER_PARTITIONS
    this.producer = new CheckedProducer(kafka, options.topic ?? DEAD_LETTERS_TOPIC, TIMEOUT_MS)
  }

  /** Rejects when Kafka did not take all of them; some may be there then. */
  async add(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return
    const messages = letters.map((letter) => this.message(letter))
    const landed = await this.producer.send(messages)
    const missing = messages.filter(({ partition }) => !landed.has(partition))
    if (missing.length > 0) throw new Error(`Kafka did not take ${missing.length} of ${messages.length} dead letters.`)
  }

  close(): Promise<void> {
    return this.producer.close()
  }

  private message({ reason, partition, offset, bytes }: DeadLetter): PlacedMessage {
    return {
      key: `${partition}/${offset}`,
      value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      headers: { reason, partition: String(partition), offset: String(offset) },
      partition: partition % this.partitions,
    }
  }
}
