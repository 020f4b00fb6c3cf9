import { randomUUID } from 'node:crypto'
import type { Admin } from 'kafkajs'
import { createKafka, createTopics, KafkaConsumer, type KafkaConsumerOptions, KafkaLog } from '#adapters/kafka'
import type { LogBatch, LogEntry, LogExtent, LogHandler, LogSubscription } from '#ports'
import { systemClock } from '#ports'
import type { LogUnderTest } from '#ports/testing'
import type { KafkaServers } from '../support/servers/kafka.js'

export const SOON = { timeout: 20_000, interval: 20 }

export const entry = (site: string, text: string): LogEntry => ({ site, bytes: Buffer.from(text) })

/** Reads from the beginning into lists; a test overrides what it is about. */
export class Recorder implements LogHandler {
  maxRecords = 500
  readonly texts = new Map<number, string[]>()
  readonly asked: number[] = []
  readonly caughtUpTo = new Map<number, number>()

  async position(partition: number, _extent: LogExtent): Promise<number> {
    this.asked.push(partition)
    return this.list(partition).length
  }

  async apply({ partition, records }: LogBatch): Promise<number> {
    for (const { bytes } of records) this.list(partition).push(Buffer.from(bytes).toString())
    return records[0]!.offset + records.length
  }

  async caughtUp(partition: number, next: number, _atMs: number, _streamTimeMs: number): Promise<void> {
    this.caughtUpTo.set(partition, next)
  }

  list(partition: number): string[] {
    const list = this.texts.get(partition) ?? []
    this.texts.set(partition, list)
    return list
  }

  get all(): string[] {
    return [...this.texts.values()].flat()
  }
}

/** Everything in a topic of its own on the real brokers, and an end for all of it. */
export class KafkaUnderTest {
  readonly halts: string[] = []
  readonly crashes: string[] = []
  private readonly ends: (() => Promise<unknown>)[] = []

  private constructor(
    private readonly servers: KafkaServers,
    readonly partitions: number,
    readonly topic: string,
    readonly admin: Admin,
  ) {}

  static async open(
    servers: KafkaServers,
    partitions: number,
    topic = `events-${randomUUID()}`,
  ): Promise<KafkaUnderTest> {
    const admin = kafkaAt(servers).admin()
    await admin.connect()
    const replicationFactor = servers.brokers.length
    const names = { eventsTopic: topic, deadLettersTopic: `dead-${topic}` }
    await createTopics(admin, {
      partitions,
      replicationFactor,
      minInsyncReplicas: replicationFactor > 1 ? 2 : 1,
      ...names,
    })
    return new KafkaUnderTest(servers, partitions, topic, admin)
  }

  log(deadlineMs = 2000): KafkaLog {
    const { partitions, topic } = this
    const log = KafkaLog.open(kafkaAt(this.servers), { partitions, topic, deadlineMs })
    this.ends.push(() => log.close())
    return log
  }

  consumer(options: Partial<KafkaConsumerOptions> = {}): KafkaConsumer {
    return new KafkaConsumer(kafkaAt(this.servers), systemClock, { ...this.consumerOptions(), ...options })
  }

  consumerOptions(): KafkaConsumerOptions {
    return {
      topic: this.topic,
      groupPrefix: `${this.topic}.`,
      sessionTimeoutMs: 6000,
      idleMs: 200,
      log: say,
      onHalt: (group, partition, error) => this.halts.push(`${group} ${partition} ${String(error)}`),
      onCrash: (group, error) => this.crashes.push(`${group} ${String(error)}`),
    }
  }

  async read(handler: LogHandler, options: Partial<KafkaConsumerOptions> = {}): Promise<LogSubscription> {
    const subscription = await this.consumer(options).subscribe('g', handler)
    this.atEnd(() => subscription.close())
    return subscription
  }

  /** Last in, first out. */
  atEnd(end: () => Promise<unknown>): void {
    this.ends.push(end)
  }

  async close(): Promise<void> {
    for (const end of this.ends.toReversed()) await end()
    await this.admin.disconnect()
  }

  underContract(): LogUnderTest {
    const log = this.log()
    return {
      log,
      consumer: this.consumer({ idleMs: 100 }),
      reopen: async () => {
        await log.close()
        return this.underContract()
      },
      dispose: () => this.close(),
    }
  }
}

/** SHOW=1 shows what the driver says. */
function say(level: string, message: string, details: Record<string, unknown>): void {
  if (process.env['SHOW'] !== undefined) console.log(level, message, JSON.stringify(details).slice(0, 300))
}

export function clientAt(servers: KafkaServers) {
  return { brokers: servers.addresses, clientId: 'contract', log: say }
}

export function kafkaAt(servers: KafkaServers) {
  return createKafka(clientAt(servers))
}
