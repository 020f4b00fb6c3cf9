import { describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import type { MessageSender, PlacedMessage } from './checked-producer.js'
import { KafkaLog } from './kafka-log.js'

const PARTITIONS = 4
const entry = (site: string, text: string) => ({ site, bytes: new TextEncoder().encode(text) })

/** Says of each send what the test says; by default that everything landed. */
class ScriptedSender implements MessageSender {
  readonly sends: string[][] = []
  inFlight = 0
  mostInFlight = 0
  answers: ((messages: PlacedMessage[]) => Promise<number[]>)[] = []

  async send(messages: PlacedMessage[]): Promise<ReadonlySet<number>> {
    this.sends.push(messages.map(({ value }) => value.toString()))
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
    const answer = this.answers.shift() ?? (async () => messages.map(({ partition }) => partition))
    try {
      await new Promise((resolve) => setImmediate(resolve))
      return new Set(await answer(messages))
    } finally {
      this.inFlight--
    }
  }

  async close(): Promise<void> {}
}

function open(deadlineMs = 2000) {
  const sender = new ScriptedSender()
  return { sender, log: new KafkaLog(sender, { partitions: PARTITIONS, deadlineMs }) }
}

const [a, b] = [partitionOf('aa', PARTITIONS), partitionOf('bb', PARTITIONS)]

describe('the queue in front of Kafka', () => {
  it('has one send in flight, and takes into the next all that came meanwhile', async () => {
    const { sender, log } = open()
    const first = log.append([entry('aa', '1')])
    await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([first, log.append([entry('aa', '2')]), log.append([entry('bb', '3')])])
    expect(sender.sends).toEqual([['1'], ['2', '3']])
    expect(sender.mostInFlight).toBe(1)
  })

  it('sends at most 500 messages at a time, in order', async () => {
    const { sender, log } = open()
    const texts = Array.from({ length: 1200 }, (_, n) => String(n))
    await log.append(texts.map((text) => entry('aa', text)))
    expect(sender.sends.map(({ length }) => length)).toEqual([500, 500, 200])
    expect(sender.sends.flat()).toEqual(texts)
  })

  it('sends at most about 256 KiB at a time', async () => {
    const { sender, log } = open()
    await log.append(Array.from({ length: 6 }, () => entry('aa', 'x'.repeat(100_000))))
    expect(sender.sends.map(({ length }) => length)).toEqual([3, 3])
  })

  it('sends again what no partition has acknowledged, before anything newer, and resolves only then', async () => {
    const { sender, log } = open()
    sender.answers = [async () => [a], async () => []]
    expect(a).not.toBe(b)
    const first = log.append([entry('aa', 'a1'), entry('bb', 'b1')])
    await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([first, log.append([entry('bb', 'b2')])])
    expect(sender.sends).toEqual([['a1', 'b1'], ['b1'], ['b1'], ['b2']])
  })

  it('rejects at its deadline with the reason, also what waits behind a send that hangs, and goes on after it', async () => {
    const { sender, log } = open(400)
    let land: (partitions: number[]) => void = () => undefined
    sender.answers = [
      async () => Promise.reject(new Error('no leader')),
      () => new Promise<number[]>((resolve) => (land = resolve)),
    ]
    const first = log.append([entry('aa', '1')])
    await new Promise((resolve) => setImmediate(resolve))
    const second = log.append([entry('aa', '2')])
    const errors = await Promise.all([first, second].map((one) => one.catch((error: unknown) => error as Error)))
    for (const error of errors)
      expect(error).toMatchObject({ name: 'LogUnavailableError', cause: { message: 'no leader' } })
    expect(log.isWritable).toBe(false)
    land([a])
    await log.append([entry('aa', '3')])
    expect(log.isWritable).toBe(true)
    expect(sender.sends).toEqual([['1'], ['1'], ['3']])
  })

  it('lands what was taken when it closes, and takes nothing after that', async () => {
    const { sender, log } = open()
    const taken = log.append([entry('aa', '1')])
    await log.close()
    await taken
    await expect(log.append([entry('aa', '2')])).rejects.toThrow('The log cannot be written.')
    expect(sender.sends).toEqual([['1']])
  })
})
