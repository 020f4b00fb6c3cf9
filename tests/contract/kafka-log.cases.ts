import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import { until } from '../support/harness/index.js'
import type { KafkaServers } from '../support/servers/kafka.js'
import { entry, type KafkaUnderTest, Recorder, SOON } from './kafka-under-test.js'

/** What the log does besides the contract, on a broker that is killed and frozen on the way. */
export function logCases(servers: () => KafkaServers, open: (partitions: number) => Promise<KafkaUnderTest>): void {
  describe('the log in Kafka', () => {
    it('keeps the order of a site over the flushes that one append takes', async () => {
      const kafka = await open(4)
      const texts = Array.from({ length: 2600 }, (_, n) => String(n))
      await kafka.log().append(texts.flatMap((text) => [entry('aa', text), entry('bb', text)]))
      const recorder = new Recorder()
      await kafka.read(recorder)
      await expect.poll(() => recorder.all.length, SOON).toBe(5200)
      for (const site of ['aa', 'bb']) expect(recorder.list(partitionOf(site, 4))).toEqual(texts)
    })

    it('loses nothing that it acknowledged when the broker is killed and comes back, and rejects in time while it is away', async () => {
      const kafka = await open(4)
      const log = kafka.log(1500)
      const [broker] = servers().brokers
      const recorder = new Recorder()
      await kafka.read(recorder)
      const writers = new Writers(log, 8)
      await writers.haveAcknowledged(200)
      await broker!.kill()
      await writers.haveRejected(8)
      await broker!.restart()
      await writers.haveAcknowledged(writers.acknowledged.length + 200)
      await writers.stop()
      expect(writers.slowestRejectionMs).toBeLessThan(2000)
      const missing = () => writers.acknowledged.filter((text) => !recorder.all.includes(text))
      await expect.poll(missing, SOON).toEqual([])
      expect([kafka.halts, kafka.crashes]).toEqual([[], []])
    })

    it('rejects in time while the broker is frozen, and goes on when it is not any more', async () => {
      const kafka = await open(1)
      const log = kafka.log(800)
      await log.append([entry('aa', 'before')])
      const [broker] = servers().brokers
      broker!.freeze()
      const startedAt = performance.now()
      await expect(log.append([entry('aa', 'frozen')])).rejects.toThrow('The log cannot be written.')
      expect(performance.now() - startedAt).toBeLessThan(1300)
      expect(log.isWritable).toBe(false)
      broker!.thaw()
      await expect.poll(() => log.append([entry('aa', 'after')]).then(() => log.isWritable), SOON).toBe(true)
    })
  })
}

/** Append as fast as they are acknowledged, each text once. */
class Writers {
  readonly acknowledged: string[] = []
  slowestRejectionMs = 0
  private rejected = 0
  private stopped = false
  private readonly loops: Promise<void>[]

  constructor(
    private readonly log: ReturnType<KafkaUnderTest['log']>,
    count: number,
  ) {
    this.loops = Array.from({ length: count }, (_, writer) => this.run(writer))
  }

  haveAcknowledged(count: number): Promise<boolean> {
    return until(() => this.acknowledged.length >= count, { timeoutMs: 20_000, what: `${count} acknowledged appends` })
  }

  haveRejected(count: number): Promise<boolean> {
    return until(() => this.rejected >= count, { timeoutMs: 20_000, what: `${count} rejected appends` })
  }

  async stop(): Promise<void> {
    this.stopped = true
    await Promise.all(this.loops)
  }

  private async run(writer: number): Promise<void> {
    for (let n = 0; !this.stopped; n++) {
      const startedAt = performance.now()
      const text = `${writer}-${n}`
      await this.log.append([entry(`site${writer}`, text)]).then(
        () => this.acknowledged.push(text),
        () => this.reject(performance.now() - startedAt),
      )
      await pause(2)
    }
  }

  private reject(tookMs: number): void {
    this.rejected++
    this.slowestRejectionMs = Math.max(this.slowestRejectionMs, tookMs)
  }
}
