import { setTimeout as wait } from 'node:timers/promises'
import type { Clock, LogHandler, LogLag, LogRecord, LogSubscription } from '#ports'
import type { ConsumerOptions } from './embedded-consumer.js'
import type { EmbeddedLog } from './embedded-log.js'

const RETRY_MS = 500
/** A batch that is not full waits so long for more: a hundred events cost little more than one. Little of the 1 s that a beacon may take. */
const GATHER_MS = 10

/** One group's loops over the embedded log. */
export class GroupSubscription implements LogSubscription {
  private readonly stopping = new AbortController()
  private readonly places: { next: number; halted: boolean }[]
  private readonly loops: Promise<void>[]

  constructor(
    private readonly group: string,
    private readonly handler: LogHandler,
    private readonly log: EmbeddedLog,
    private readonly clock: Clock,
    private readonly options: ConsumerOptions,
  ) {
    this.places = Array.from({ length: log.partitions }, () => ({ next: 0, halted: false }))
    this.loops = this.places.map((_, partition) => this.run(partition))
  }

  lag(): readonly LogLag[] {
    return this.places.map((place, partition) => ({ partition, ...place, end: this.log.end(partition) }))
  }

  async close(): Promise<void> {
    this.stopping.abort()
    this.log.wakeReaders()
    await Promise.all(this.loops)
  }

  private async run(partition: number): Promise<void> {
    const place = this.places[partition]
    try {
      place.next = await this.position(partition)
      await this.assertNotLost(partition, place.next)
      while (!this.stopping.signal.aborted) await this.step(partition, place)
    } catch (error) {
      if (this.stopping.signal.aborted) return
      place.halted = true
      this.options.onHalt(this.group, partition, error)
    }
  }

  private async step(partition: number, place: { next: number }): Promise<void> {
    await this.assertInLog(partition, place.next)
    const atMs = this.clock.now()
    if (place.next === this.log.end(partition)) {
      await this.handler.caughtUp(partition, place.next, atMs, this.log.streamTime(partition, atMs))
      await this.log.waitPast(partition, place.next, this.options.idleMs)
      return
    }
    if (this.log.end(partition) - place.next < this.handler.maxRecords) await this.gather()
    const records = await this.read(partition, place.next)
    if (records.length === 0) return
    const end = this.log.end(partition)
    assertWhole(records, place.next)
    place.next = await this.handler.apply({ partition, records, end, signal: this.stopping.signal })
  }

  /** Empty when the folder is just being opened anew, as after a full disk: that passes. A damaged record does not, and halts. */
  private async read(partition: number, next: number): Promise<LogRecord[]> {
    const records = await this.log.read(partition, next, this.handler.maxRecords).catch((error: unknown) => {
      if (error instanceof RangeError) throw error
      return []
    })
    if (records.length === 0) await wait(RETRY_MS, undefined, { signal: this.stopping.signal })
    return records
  }

  private gather(): Promise<void> {
    return wait(GATHER_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined)
  }

  /** A store that is away when we start is waited for. */
  private async position(partition: number): Promise<number> {
    for (;;) {
      try {
        const { signal } = this.stopping
        return await this.handler.position(partition, {
          first: this.log.first(partition),
          end: this.log.end(partition),
          signal,
        })
      } catch {
        await wait(RETRY_MS, undefined, { signal: this.stopping.signal })
      }
    }
  }

  /** What was found lost stays lost, also when the log has grown past that offset since: those are other records. */
  private async assertNotLost(partition: number, next: number): Promise<void> {
    if ((await this.log.lostAt(this.group, partition)) === next) throw new RangeError(this.isElsewhere(partition, next))
  }

  private async assertInLog(partition: number, next: number): Promise<void> {
    if (next >= this.log.first(partition) && next <= this.log.end(partition)) return
    await this.log.noteLost(this.group, partition, next)
    throw new RangeError(this.isElsewhere(partition, next))
  }

  private isElsewhere(partition: number, next: number): string {
    const held = `${this.log.first(partition)} to ${this.log.end(partition)}`
    return `Group ${this.group} stood at offset ${next} of partition ${partition} when the log did not reach there; it holds ${held}.`
  }
}

/** Offsets are dense: a number that is missing is a record that was lost, and must not be passed over. */
function assertWhole(records: readonly LogRecord[], from: number): void {
  const hole = records.findIndex(({ offset }, n) => offset !== from + n)
  if (hole >= 0) throw new RangeError(`The log has a hole at offset ${from + hole}.`)
}
