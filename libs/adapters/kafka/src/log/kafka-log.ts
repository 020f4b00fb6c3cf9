import { setImmediate as turnEnd, setTimeout as wait } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { partitionOf } from '#domain'
import { type EventLog, type LogEntry, LogUnavailableError } from '#ports'
import { EVENTS_TOPIC } from '../topics/topic-settings.js'
import { CheckedProducer, type MessageSender } from './checked-producer.js'
import { Gathering } from './gathering.js'

const DEADLINE_MS = 2000
const RETRY_MS = 50

export interface KafkaLogOptions {
  readonly partitions: number
  readonly topic?: string
  /** An append that is not durable after this time rejects; what is on its way may land all the same. 2 s unless said. */
  readonly deadlineMs?: number
}

/**
 * The log in Kafka: one send in flight for the whole process. While it is under way the next one gathers, so load makes its own
 * batches and an idle log answers at once; a fixed linger would only add delay.
 */
export class KafkaLog implements EventLog {
  readonly partitions: number
  private readonly deadlineMs: number
  private waiting: Gathering[] = []
  private flushing: Promise<void> | undefined
  private closed = false
  private reaches = true
  private lastError: unknown = 'not answered in time'

  constructor(
    private readonly sender: MessageSender,
    options: KafkaLogOptions,
  ) {
    this.partitions = options.partitions
    this.deadlineMs = options.deadlineMs ?? DEADLINE_MS
  }

  /** Comes back at once, whether Kafka is there or not; the first append would wait for the connection that is begun here. */
  static open(kafka: Kafka, options: KafkaLogOptions): KafkaLog {
    const { topic = EVENTS_TOPIC, deadlineMs = DEADLINE_MS } = options
    const producer = new CheckedProducer(kafka, topic, deadlineMs)
    producer.connect().catch(() => undefined)
    return new KafkaLog(producer, options)
  }

  /** Whether the last send reached Kafka, and the log is open. Without appends nobody learns that Kafka is back. */
  get isWritable(): boolean {
    return this.reaches && !this.closed
  }

  /** The entries of one call stay in order per site, also over the border of a flush. */
  append(entries: readonly LogEntry[]): Promise<void> {
    if (this.closed) return Promise.reject(new LogUnavailableError('closed'))
    const gatherings = new Set<Gathering>()
    for (const entry of entries) {
      const gathering = this.gathering()
      gathering.add(this.message(entry))
      gatherings.add(gathering)
    }
    this.flushing ??= this.flushAll()
    return Promise.all([...gatherings].map(({ done }) => done)).then(() => undefined)
  }

  /** Takes nothing more, and resolves when what was taken has landed or its time is over. */
  async close(): Promise<void> {
    this.closed = true
    await this.flushing
    await this.sender.close()
  }

  private message({ site, bytes }: LogEntry) {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return { key: site, value, partition: partitionOf(site, this.partitions) }
  }

  /** The one that is not full yet. */
  private gathering(): Gathering {
    const last = this.waiting.at(-1)
    if (last !== undefined && !last.isFull) return last
    const made: Gathering = new Gathering(this.deadlineMs, () => this.giveUp(made))
    made.done.catch(() => undefined) // whoever appended hears of it
    this.waiting.push(made)
    return made
  }

  private giveUp(gathering: Gathering): void {
    this.waiting = this.waiting.filter((one) => one !== gathering)
    this.reaches = false
    gathering.fail(new LogUnavailableError(this.lastError))
  }

  private async flushAll(): Promise<void> {
    await turnEnd() // what else this turn of the loop reads from its sockets joins the first flush
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.flush(next)
    this.flushing = undefined
  }

  /** Sends until every partition has said that it has its messages: what is missing is sent again before anything newer. */
  private async flush(gathering: Gathering): Promise<void> {
    while (!gathering.isSettled) {
      const landed = await this.sender.send(gathering.messages).catch((error: unknown) => {
        this.lastError = error
        return new Set<number>()
      })
      gathering.landed(landed)
      if (gathering.messages.length > 0) await wait(RETRY_MS)
      else if (!gathering.isSettled) this.succeed(gathering)
    }
  }

  private succeed(gathering: Gathering): void {
    this.reaches = true
    gathering.succeed()
  }
}
