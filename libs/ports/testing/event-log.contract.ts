import { afterEach, describe, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import type { EventLog, EventLogConsumer, LogBatch, LogEntry, LogHandler } from '#ports'

export interface LogUnderTest {
  readonly log: EventLog
  readonly consumer: EventLogConsumer
  /** Ends the instance and opens the same log anew. */
  reopen(): Promise<LogUnderTest>
  dispose(): Promise<void>
}

const entry = (site: string, text: string): LogEntry => ({ site, bytes: Buffer.from(text) })

/** Reads a group from given positions into lists, as a handler that never fails. */
class Collected implements LogHandler {
  readonly maxRecords = 50
  readonly texts: string[][] = []
  readonly batches: LogBatch[] = []
  readonly caughtUpAt: number[] = []

  constructor(
    partitions: number,
    private readonly from: number[] = [],
  ) {
    for (let partition = 0; partition < partitions; partition++) this.texts.push([])
  }

  async position(partition: number): Promise<number> {
    return this.from[partition] ?? 0
  }

  async apply(batch: LogBatch): Promise<number> {
    this.batches.push(batch)
    for (const { bytes } of batch.records) this.texts[batch.partition].push(Buffer.from(bytes).toString())
    return batch.records[0].offset + batch.records.length
  }

  async caughtUp(partition: number, next: number): Promise<void> {
    this.caughtUpAt[partition] = next
  }

  get total(): number {
    return this.texts.reduce((sum, list) => sum + list.length, 0)
  }
}

/** What every EventLog and EventLogConsumer adapter promises. */
export function eventLogContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} as EventLog`, () => {
    let current: LogUnderTest | undefined
    afterEach(async () => {
      await current?.dispose()
      current = undefined
    })

    const read = async (total: number, from?: number[]) => {
      const handler = new Collected(current!.log.partitions, from)
      const subscription = await current!.consumer.subscribe('g', handler)
      await expect.poll(() => handler.total, { timeout: 20_000, interval: 5 }).toBe(total)
      await subscription.close()
      return handler
    }

    it('gives each site its own order, from many writers at once', async () => {
      current = await open()
      const { log } = current
      const sites = ['aa', 'bb', 'cc', 'dd', 'ee']
      await Promise.all(
        sites.map(async (site) => {
          for (let n = 0; n < 40; n++) await log.append([entry(site, `${site}${n}`)])
        }),
      )
      const { texts } = await read(200)
      for (const site of sites) {
        const seen = texts[partitionOf(site, log.partitions)].filter((text) => text.startsWith(site))
        expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => `${site}${n}`))
      }
    })

    it('numbers the records of a partition without gaps, at append times that never fall', async () => {
      current = await open()
      await Promise.all(
        Array.from({ length: 120 }, (_, n) => current!.log.append([entry('aa', `x${n}`), entry('bb', `y${n}`)])),
      )
      const { batches } = await read(240)
      for (let partition = 0; partition < current.log.partitions; partition++) {
        const records = batches.filter((batch) => batch.partition === partition).flatMap((batch) => batch.records)
        expect(records.map(({ offset }) => offset)).toEqual(records.map((_, n) => n))
        const times = records.map(({ appendedAtMs }) => appendedAtMs)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
      }
    })

    it('keeps what it acknowledged over an end and a new start, and goes on behind it', async () => {
      current = await open()
      await current.log.append([entry('aa', 'one'), entry('aa', 'two')])
      current = await current.reopen()
      await current.log.append([entry('aa', 'three')])
      const { texts } = await read(3)
      expect(texts[partitionOf('aa', current.log.partitions)]).toEqual(['one', 'two', 'three'])
    })

    it('begins where the group says, in the middle of what was written together', async () => {
      current = await open()
      await current.log.append(Array.from({ length: 10 }, (_, n) => entry('aa', `r${n}`)))
      current = await current.reopen()
      const partition = partitionOf('aa', current.log.partitions)
      const from = Array.from({ length: current.log.partitions }, (_, p) => (p === partition ? 7 : 0))
      const { texts } = await read(3, from)
      expect(texts[partition]).toEqual(['r7', 'r8', 'r9'])
    })

    it('tells a group that it has caught up, and wakes it for what comes next', async () => {
      current = await open()
      const handler = new Collected(current.log.partitions)
      const subscription = await current.consumer.subscribe('g', handler)
      const partition = partitionOf('aa', current.log.partitions)
      await expect.poll(() => handler.caughtUpAt[partition], { timeout: 10_000, interval: 5 }).toBe(0)
      await current.log.append([entry('aa', 'new')])
      await expect.poll(() => handler.caughtUpAt[partition], { timeout: 10_000, interval: 5 }).toBe(1)
      await subscription.close()
    })

    it('gives a batch again when its handler goes back', async () => {
      current = await open()
      await current.log.append([entry('aa', 'one'), entry('aa', 'two')])
      const handler = new Collected(current.log.partitions)
      let tries = 0
      const apply = handler.apply.bind(handler)
      handler.apply = async (batch) => (++tries === 1 ? batch.records[0].offset : apply(batch))
      const subscription = await current.consumer.subscribe('g', handler)
      await expect.poll(() => handler.total, { timeout: 10_000, interval: 5 }).toBe(2)
      await subscription.close()
    })

    it('halts a partition whose handler throws, and leaves the other group alone', async () => {
      current = await open()
      await current.log.append([entry('aa', 'one')])
      const partition = partitionOf('aa', current.log.partitions)
      const broken = new Collected(current.log.partitions)
      broken.apply = async () => {
        throw new Error('a bug')
      }
      const subscription = await current.consumer.subscribe('broken', broken)
      await expect.poll(() => subscription.lag()[partition].halted, { timeout: 10_000, interval: 5 }).toBe(true)
      expect(subscription.lag()[partition]).toMatchObject({ next: 0, end: 1 })
      await read(1)
      await subscription.close()
    })

    it('halts rather than jumps when a group stands where the log is not', async () => {
      current = await open()
      const partition = partitionOf('aa', current.log.partitions)
      const from = Array.from({ length: current.log.partitions }, (_, p) => (p === partition ? 99 : 0))
      const subscription = await current.consumer.subscribe('ahead', new Collected(current.log.partitions, from))
      await expect.poll(() => subscription.lag()[partition].halted, { timeout: 10_000, interval: 5 }).toBe(true)
      await subscription.close()
    })
  })
}
