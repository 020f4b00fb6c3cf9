import { setTimeout as wait } from 'node:timers/promises'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { decodeEvent, isErasure, isTooLate } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import { EVENT_STORE, type EventStore, type LogBatch, type LogExtent, type LogHandler, type StoredEvent } from '#ports'
import { untilDone } from '../until-done.js'
import { DaySealing } from './day-sealing.js'

/** ClickHouse likes few large inserts: about one a second. */
const INSERT_EVERY_MS = 1000

interface Mending {
  /** The position of the store when the damage was found. */
  readonly until: number
  /** Everything up to there was stored again. */
  isDone: boolean
}

/** Group `store`: the history for statistics. At least once; the store drops what comes twice. */
@Injectable()
export class StoreHandler implements LogHandler {
  readonly maxRecords = 5000
  private readonly logger = new Logger('store')
  private nextInsertAt = 0
  private damage: readonly string[] | undefined
  /** Partitions that are stored again from where the log begins, because the store was found damaged. */
  private readonly mending = new Map<number, Mending>()

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(DaySealing) private readonly sealing: DaySealing,
  ) {}

  async position(partition: number, { first }: LogExtent): Promise<number> {
    const position = await this.store.position(partition)
    const damage = await this.damageAtStart()
    if (damage.length === 0 || this.isMended(partition)) return position
    this.mending.set(partition, { until: position, isDone: false })
    this.logger.error(
      `The store found ${damage.join(', ')} damaged: events from offset ${first} on are stored again, older ones are lost there`,
    )
    return Math.min(position, first)
  }

  async apply(batch: LogBatch): Promise<number> {
    const { partition } = batch
    const from = batch.records[0].offset
    const next = from + batch.records.length
    const { appendedAtMs } = batch.records.at(-1)!
    const erased = erasures(batch)
    const stop = this.metrics.storeInsertSeconds.startTimer()
    for (const siteId of erased.keys()) await this.waitedOut(batch, () => this.store.erase(siteId))
    const insert = () => this.store.insert({ partition, from, next, appendedAtMs }, storedRows(batch, erased))
    const stands = await this.waitedOut(batch, insert)
    stop()
    if (stands < next) return this.rolledBack(partition, next, stands)
    await this.mend(partition, next)
    this.metrics.batchSize.observe({ group: 'store' }, batch.records.length)
    await this.sealing.reached(partition, next, appendedAtMs)
    if (batch.end === next) await this.pace(batch.signal)
    return next
  }

  async caughtUp(partition: number, next: number, _atMs: number, streamTimeMs: number): Promise<void> {
    await this.mend(partition, next)
    await this.sealing.reached(partition, next, streamTimeMs)
  }

  /** The store was put back to an older copy while it was being filled: what it lacks is read again. */
  private rolledBack(partition: number, next: number, stands: number): number {
    this.logger.error(
      `The store stands at offset ${stands} of partition ${partition}, before ${next}: it is filled again`,
    )
    this.sealing.forget(partition)
    // What was stored again to mend damage is gone as well, and the damage is back: the next start finds it.
    this.mending.clear()
    return stands
  }

  /** Asked once: what is damaged later is mended at the next start, when every partition begins at its position. */
  private async damageAtStart(): Promise<readonly string[]> {
    this.damage ??= await this.store.damage()
    return this.damage
  }

  /** An idle group is asked for its position again and again while other partitions are still behind. */
  private isMended(partition: number): boolean {
    return this.mending.get(partition)?.isDone === true
  }

  /** The damage is forgotten when all partitions of this process are as far as they were; a crash before that begins anew. */
  private async mend(partition: number, next: number): Promise<void> {
    const mending = this.mending.get(partition)
    if (mending === undefined || mending.isDone || next < mending.until) return
    mending.isDone = true
    if ([...this.mending.values()].some(({ isDone }) => !isDone)) return
    try {
      if (await this.store.mended(await this.damageAtStart(), [...this.mending.keys()])) return
      this.logger.warn('The damage stays noted: other processes have to be started anew as well, then drop the parts.')
    } catch (error) {
      this.logger.warn(`The damage cannot be noted as mended, it will be again at the next start: ${String(error)}`)
    }
  }

  private waitedOut<T>(batch: LogBatch, attempt: () => Promise<T>): Promise<T> {
    return untilDone(batch.signal, attempt, (error) =>
      this.logger.warn(`The store is away, trying again: ${String(error)}`),
    )
  }

  /**
   * At the end of the log, lets the next batch gather, of all partitions until the same instant: they share an insert then. With a
   * backlog there is nothing to wait for.
   */
  private async pace(signal: AbortSignal): Promise<void> {
    const now = performance.now()
    if (this.nextInsertAt <= now) this.nextInsertAt = now + INSERT_EVERY_MS
    await wait(this.nextInsertAt - now, undefined, { signal }).catch(() => undefined)
  }
}

/** Sites that the batch erases, each with the offset before which its rows are taken back. */
function erasures(batch: LogBatch): Map<string, number> {
  const erased = new Map<string, number>()
  for (const { offset, appendedAtMs, bytes } of batch.records) {
    const event = isErasure(bytes) ? decodeEvent(bytes) : null
    if (event !== null && !isTooLate({ event, appendedAtMs })) erased.set(event.site, offset)
  }
  return erased
}

/**
 * What the batch brings to the store, without what an erasure behind it takes back. What is in no number is not in the store
 * either; the counters' group sets it aside. One event at a time: thousands that live until all are written would cost more
 * in garbage collection than in work.
 */
function* storedRows(batch: LogBatch, erased: ReadonlyMap<string, number>): Generator<StoredEvent> {
  for (const { offset, appendedAtMs, bytes } of batch.records) {
    const event = decodeEvent(bytes)
    if (event === null || event.type === 'erase' || isTooLate({ event, appendedAtMs })) continue
    if (offset < (erased.get(event.site) ?? 0)) continue
    yield { event, partition: batch.partition, offset, appendedAtMs }
  }
}
