import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import type { Kafka, Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import type { LogBatch, LogEntry } from '#ports'
import { KafkaUnderTest, kafkaAt, Recorder } from '../contract/kafka-under-test.js'
import { endEverything, until } from '../support/harness/index.js'
import { KafkaServers } from '../support/servers/kafka.js'

/** The size of an event that was encoded. */
const BYTES = 240
const BLOCK = 1000
const BLOCKS = 30
const ROUNDS = 5
const PARTITIONS = 32

let kafka: Kafka
let under: KafkaUnderTest
beforeAll(async () => {
  const servers = await KafkaServers.start()
  kafka = kafkaAt(servers)
  under = await KafkaUnderTest.open(servers, PARTITIONS)
})
afterAll(() => under.close().finally(endEverything))

const entries: LogEntry[] = Array.from({ length: BLOCK }, (_, n) => ({
  site: `site-${n % 200}`,
  bytes: randomBytes(BYTES),
}))
const messages = entries.map(({ site, bytes }) => ({
  key: site,
  value: Buffer.from(bytes),
  partition: partitionOf(site, PARTITIONS),
}))

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return Math.round((count * 1000) / (performance.now() - startedAt))
}

async function blocks(send: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < BLOCKS; n++) await send()
}

function print(what: string, ours: number[], bare: number[]): void {
  const ratio = median(ours.map((rate, n) => rate / bare[n]!)).toFixed(2)
  console.log(`${what}: ${median(ours)}/s of ${median(bare)}/s of kafkajs alone, ratio ${ratio}`)
}

/** As `until`, and every few milliseconds. */
const soon = (isTrue: () => boolean) => until(async () => isTrue(), { timeoutMs: 60_000, everyMs: 5 })

it('appends, against the driver alone', async () => {
  const log = under.log(30_000)
  const producer: Producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  under.atEnd(() => producer.disconnect())
  const { topic } = under
  const bareBlock = () => producer.send({ topic, acks: -1, messages })
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await perSecond(BLOCK * BLOCKS, () => blocks(bareBlock)))
    ours.push(await perSecond(BLOCK * BLOCKS, () => blocks(() => log.append(entries))))
  }
  print('append in blocks of 1,000', ours, bare)
  const one = async () => {
    for (let n = 0; n < 100; n++) await log.append([entries[n]!])
  }
  const loops = await perSecond(256 * 100, () => Promise.all(Array.from({ length: 256 }, one)))
  console.log(`append in 256 closed loops: ${loops}/s`)
})

/** What the test before appended. */
it('reads, against the driver alone with a handler that does nothing', async () => {
  const { topic } = under
  const total = (await under.admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  class Counted extends Recorder {
    count = 0
    override maxRecords = 5000
    override async position(): Promise<number> {
      return 0
    }
    override async apply({ records }: LogBatch): Promise<number> {
      this.count += records.length
      return records[0].offset + records.length
    }
  }
  const [ours, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < 3; round++) {
    const consumer = kafka.consumer({
      groupId: `bare-${round}`,
      maxBytesPerPartition: 1024 * 1024,
      maxWaitTimeInMs: 250,
    })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    let [count, firstAt, lastAt] = [0, 0, 0]
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: async ({ batch }) => {
        firstAt ||= performance.now()
        count += batch.messages.length
        lastAt = performance.now()
      },
    })
    await soon(() => count >= total)
    bare.push(Math.round((count * 1000) / (lastAt - firstAt)))
    await consumer.disconnect()

    const handler = new Counted()
    let startedAt = 0
    const isStarted = soon(() => handler.count > 0).then(() => (startedAt = performance.now()))
    const subscription = await under.consumer({ groupPrefix: `ours-${round}.` }).subscribe('g', handler)
    await isStarted
    await soon(() => handler.count >= total)
    ours.push(Math.round((handler.count * 1000) / (performance.now() - startedAt)))
    await subscription.close()
    expect(handler.count).toBe(total)
  }
  print(`read ${total}`, ours, bare)
})
