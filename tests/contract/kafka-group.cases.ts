import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import { entry, type KafkaUnderTest, Recorder, SOON } from './kafka-under-test.js'

const SESSION_MS = 6000

/** What a group does besides the contract: cut logs, members that share and leave, stores that are away. */
export function groupCases(open: (partitions: number) => Promise<KafkaUnderTest>): void {
  describe('a group in Kafka', () => {
    const append = (kafka: KafkaUnderTest, count: number, size = 10) =>
      kafka.log(10_000).append(Array.from({ length: count }, (_, n) => entry('aa', `${n}`.padEnd(size))))
    const deleteBefore = async (kafka: KafkaUnderTest, offset: number) => {
      const partitions = [{ partition: 0, offset: String(offset) }]
      // The driver finds no leader of a topic that it was not asked for before: its first answer is an error.
      const asked = () => kafka.admin.deleteTopicRecords({ topic: kafka.topic, partitions }).then(() => true)
      await expect.poll(asked, SOON).toBe(true)
    }

    it('halts when the log was cut past where it stands', async () => {
      const kafka = await open(1)
      await append(kafka, 20)
      await deleteBefore(kafka, 10)
      const recorder = new Recorder()
      const subscription = await kafka.read(recorder)
      await expect.poll(() => subscription.lag()[0]!.halted, SOON).toBe(true)
      expect(recorder.all).toEqual([])
      expect(kafka.halts).toEqual(['g 0 RangeError: Partition 0 is needed from offset 0; the log holds 10 to 20.'])
    })

    it('halts when the log is cut past where it stands while it is held up, and never jumps', async () => {
      const kafka = await open(1)
      await append(kafka, 3000, 1000)
      const recorder = new Recorder()
      let release = () => {}
      const held = new Promise<void>((resolve) => (release = resolve))
      const apply = recorder.apply.bind(recorder)
      recorder.apply = async (batch) => held.then(() => apply(batch))
      const subscription = await kafka.read(recorder)
      kafka.atEnd(async () => release())
      await expect.poll(() => subscription.lag()[0]!.end, SOON).toBe(3000)
      await deleteBefore(kafka, 3000)
      await append(kafka, 1, 1000)
      release()
      await expect.poll(() => subscription.lag()[0]!.halted, SOON).toBe(true)
      const { next } = subscription.lag()[0]!
      expect(next).toBeLessThan(3000)
      expect(recorder.all.map((text) => Number(text))).toEqual(Array.from({ length: next }, (_, n) => n))
    })

    it('shares 32 partitions between two members, and the one that stays takes over those of the one that leaves', async () => {
      const kafka = await open(32)
      const log = kafka.log()
      const sites = Array.from({ length: 200 }, (_, n) => `site${n}`)
      const both = new Recorder() // one state behind both members, as the counters are
      const [first, second] = [await kafka.read(both), await kafka.read(both)]
      const share = () => [first.lag().length, second.lag().length]
      await expect.poll(share, SOON).toEqual([16, 16])
      await log.append(sites.map((site) => entry(site, `${site} a`)))
      await expect.poll(() => both.all.length, SOON).toBe(200)
      const handedOverAt = performance.now()
      await first.close()
      await expect.poll(() => second.lag().length, SOON).toBe(32)
      await log.append(sites.map((site) => entry(site, `${site} b`)))
      await expect.poll(() => both.all.length, SOON).toBe(400)
      console.log(
        `The other member had all partitions and events ${Math.round(performance.now() - handedOverAt)} ms after the close began.`,
      )
      expect(new Set(both.all).size).toBe(400)
    })

    it('keeps a partition whose handler waits for longer than a session, and goes on with the others', async () => {
      const kafka = await open(4)
      const log = kafka.log()
      const recorder = new Recorder()
      const apply = recorder.apply.bind(recorder)
      const waiting = partitionOf('aa', 4)
      recorder.apply = async (batch) => {
        if (batch.partition === waiting) await pause(SESSION_MS + 2000, undefined, { signal: batch.signal })
        return apply(batch)
      }
      await kafka.read(recorder, { sessionTimeoutMs: SESSION_MS, compareMs: 60_000 })
      await log.append([entry('aa', 'waits'), entry('bb', 'passes')])
      expect(partitionOf('bb', 4)).not.toBe(waiting)
      await expect.poll(() => recorder.all, SOON).toEqual(['passes'])
      await expect.poll(() => recorder.list(waiting), SOON).toEqual(['waits'])
      expect(recorder.asked.filter((partition) => partition === waiting)).toEqual([waiting])
    })

    it('goes on where its state stands when that is rolled back while nothing comes', async () => {
      const kafka = await open(1)
      await append(kafka, 5)
      const recorder = new Recorder()
      await kafka.read(recorder, { compareMs: 300 })
      await expect.poll(() => recorder.caughtUpTo.get(0), SOON).toBe(5)
      recorder.list(0).length = 2
      await expect.poll(() => recorder.all.map(Number), SOON).toEqual([0, 1, 2, 3, 4])
    })

    it('ends the wait of a handler when it closes', async () => {
      const kafka = await open(1)
      await append(kafka, 1)
      const recorder = new Recorder()
      let waits = false
      recorder.apply = async ({ signal }) => {
        waits = true
        await pause(60_000, undefined, { signal })
        return 1
      }
      const subscription = await kafka.read(recorder)
      await expect.poll(() => waits, SOON).toBe(true)
      const startedAt = performance.now()
      await subscription.close()
      expect(performance.now() - startedAt).toBeLessThan(3000)
      expect(kafka.halts).toEqual([])
    })
  })
}
