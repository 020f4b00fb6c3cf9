import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { EventPattern, Payload } from '@nestjs/microservices'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { checkTopics, createTopics, KafkaDeadLetters, KafkaStrategy } from '#adapters/kafka'
import { partitionOf } from '#domain'
import { type LogBatch, systemClock } from '#ports'
import { eventLogContract } from '#ports/testing'
import { endEverything } from '../support/harness/index.js'
import { KafkaServers } from '../support/servers/kafka.js'
import { groupCases } from './kafka-group.cases.js'
import { logCases } from './kafka-log.cases.js'
import { clientAt, entry, kafkaAt, KafkaUnderTest, Recorder, SOON } from './kafka-under-test.js'

let servers: KafkaServers
let current: KafkaUnderTest | undefined
const open = async (partitions: number) => (current = await KafkaUnderTest.open(servers, partitions))

beforeAll(async () => {
  const startedAt = performance.now()
  servers = await KafkaServers.start()
  console.log(`The broker was ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
})
afterAll(endEverything)
afterEach(async () => {
  await current?.close()
  current = undefined
})

eventLogContract('Kafka', async () => (await KafkaUnderTest.open(servers, 4)).underContract())
logCases(() => servers, open)
groupCases(open)

describe('a group as a transport of Nest', () => {
  const TRANSPORT = Symbol('counters')
  const recorder = new Recorder()
  let broken = false

  @Controller()
  class Handler {
    @EventPattern<string>('nest-events', TRANSPORT)
    async apply(@Payload() batch: LogBatch): Promise<number> {
      if (broken) throw new Error('a bug')
      return recorder.apply(batch)
    }
  }

  @Module({ controllers: [Handler] })
  class WithHandler {}

  @Module({})
  class WithoutHandler {}

  const microservice = async (kafka: KafkaUnderTest, module: object) => {
    const app = await NestFactory.createMicroservice(module as typeof WithHandler, {
      logger: false,
      strategy: new KafkaStrategy({
        group: 'counters',
        transport: TRANSPORT,
        pattern: 'nest-events',
        rules: recorder,
        client: clientAt(servers),
        consumer: kafka.consumerOptions(),
        clock: systemClock,
      }),
    })
    kafka.atEnd(() => app.close())
    return app
  }

  it('hands batches to the handler that is marked for it, and halts a partition whose handler throws', async () => {
    const kafka = (current = await KafkaUnderTest.open(servers, 4, 'nest-events'))
    const log = kafka.log()
    await log.append([entry('aa', 'one'), entry('aa', 'two'), entry('bb', 'three')])
    await (await microservice(kafka, WithHandler)).listen()
    await expect.poll(() => recorder.all.toSorted(), SOON).toEqual(['one', 'three', 'two'])
    await expect.poll(() => recorder.caughtUpTo.get(partitionOf('aa', 4)), SOON).toBe(2)
    broken = true
    await log.append([entry('aa', 'four')])
    await expect.poll(() => kafka.halts.length, SOON).toBe(1)
    expect(recorder.all).toHaveLength(3)
  })

  it('does not start without a handler', async () => {
    const kafka = await open(1)
    const app = await microservice(kafka, WithoutHandler)
    await expect(app.listen()).rejects.toThrow('Group counters has no handler')
  })
})

describe('dead letters in Kafka', () => {
  it('lie under one key in one partition, also when added twice, with their reason and place', async () => {
    const kafka = await open(1)
    const topic = `dead-${kafka.topic}`
    const letters = new KafkaDeadLetters(kafkaAt(servers), { topic })
    const letter = (offset: number) => ({
      reason: 'poison' as const,
      partition: 6,
      offset,
      bytes: new Uint8Array([7, 255]),
    })
    await letters.add([letter(1), letter(2)])
    await letters.add([letter(2)])
    await letters.close()
    const found: unknown[] = []
    const consumer = kafkaAt(servers).consumer({ groupId: topic, maxWaitTimeInMs: 100 })
    kafka.atEnd(() => consumer.disconnect())
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message: { key, value, headers } }) => {
        found.push([
          partition,
          String(key),
          [...value!],
          `${headers!['reason']} ${headers!['partition']} ${headers!['offset']}`,
        ])
      },
    })
    const one = (offset: number) => [2, `6/${offset}`, [7, 255], `poison 6 ${offset}`]
    await expect.poll(() => found, SOON).toEqual([one(1), one(2), one(2)])
  })
})

describe('the topics', () => {
  const names = (prefix: string) => ({ eventsTopic: `${prefix}-events`, deadLettersTopic: `${prefix}-dead` })
  const one = { replicationFactor: 1, minInsyncReplicas: 1 }

  it('are created once by any number of migrations at once, as the check wants them', async () => {
    const { admin } = await open(1)
    const options = { ...one, ...names('twice') }
    await Promise.all(Array.from({ length: 3 }, () => createTopics(admin, options)))
    await createTopics(admin, options)
    await checkTopics(admin, options)
    const { topics } = await admin.fetchTopicMetadata({ topics: [options.eventsTopic] })
    expect(topics[0]!.partitions).toHaveLength(32)
  })

  it('are refused with every reason', async () => {
    const { admin } = await open(1)
    const { eventsTopic } = names('wrong')
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: eventsTopic, numPartitions: 3 }] })
    await expect.poll(() => admin.listTopics(), SOON).toContain(eventsTopic)
    const options = { replicationFactor: 3, minInsyncReplicas: 2, ...names('wrong') }
    await expect(checkTopics(admin, options)).rejects.toThrow(
      [
        'A replication factor of 3 needs as many brokers; there are 1.',
        'The topic wrong-events has 3 partitions in place of 32: sites would be looked for where their events are not.',
        'The topic wrong-events has message.timestamp.type CreateTime in place of LogAppendTime.',
        'The topic wrong-dead is missing; the migration creates it.',
      ].join('\n'),
    )
  })
})
