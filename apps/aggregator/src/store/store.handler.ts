import { setTimeout as wait } from 'node:timers/promises'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { decodeEvent, isErasure, isTooLate } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import { EVENT_STORE, type EventStore, type LogBatch, type LogHandler, type StoredEvent } from '#ports'
import { untilDone } from '../until-done.js'
import { DaySealing } from './day-sealing.js'

/** ClickHouse likes few large inserts: about one a second. */
const INSERT_EVERY_MS = 1000

/** Group `store`: the history for statistics. At least once; the store drops what comes twice. */
@Injectable()
export class StoreHandler implements LogHandler {
  readonly maxRecords = 5000
  private readonly logger = new Logger('store')
  private lastInsertAt = 0

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(DaySealing) private readonly sealing: DaySealing,
  ) {}

  position(partition: number): Promise<number> {
    return this.store.position(partition)
  }

  async apply(batch: LogBatch): Promise<number> {
    const next = batch.records[0].offset + batch.records.length
    const { appendedAtMs } = batch.records.at(-1)!
    const erased = erasures(batch)
    const stop = this.metrics.storeInsertSeconds.startTimer()
    for (const siteId of erased.keys()) await this.waitedOut(batch, () => this.store.erase(siteId))
    const insert = () => this.store.insert(batch.partition, storedRows(batch, erased), next, appendedAtMs)
    await this.waitedOut(batch, insert)
    stop()
    this.metrics.batchSize.observe({ group: 'store' }, batch.records.length)
    await this.sealing.reached(batch.partition, appendedAtMs)
    if (batch.end === next) await this.pace(batch.signal)
    return next
  }

  caughtUp(partition: number, _next: number, _atMs: number, streamTimeMs: number): Promise<void> {
    return this.sealing.reached(partition, streamTimeMs)
  }

  private waitedOut(batch: LogBatch, attempt: () => Promise<void>): Promise<void> {
    return untilDone(batch.signal, attempt, (error) =>
      this.logger.warn(`The store is away, trying again: ${String(error)}`),
    )
  }

  /** At the end of the log, lets the next batch gather; with a backlog there is nothing to wait for. */
  private async pace(signal: AbortSignal): Promise<void> {
    const waitMs = this.lastInsertAt + INSERT_EVERY_MS - performance.now()
    if (waitMs > 0) await wait(waitMs, undefined, { signal }).catch(() => undefined)
    this.lastInsertAt = performance.now()
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
