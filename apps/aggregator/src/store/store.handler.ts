import { setTimeout as wait } from 'node:timers/promises'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { decodeEvent, isTooLate } from '#domain'
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
    const { erased, rows } = storedRows(batch)
    const stop = this.metrics.storeInsertSeconds.startTimer()
    for (const siteId of erased) await this.waitedOut(batch, () => this.store.erase(siteId))
    await this.waitedOut(batch, () => this.store.insert(batch.partition, rows, next))
    stop()
    this.metrics.batchSize.observe({ group: 'store' }, batch.records.length)
    await this.sealing.reached(batch.partition, batch.records.at(-1)!.appendedAtMs)
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

/**
 * What the batch brings to the store: sites to erase first, then rows, without those that an erasure behind them in the
 * batch takes back. What is in no number is not in the store either; the counters' group sets it aside.
 */
function storedRows(batch: LogBatch): { erased: Set<string>; rows: StoredEvent[] } {
  const erased = new Set<string>()
  let rows: StoredEvent[] = []
  for (const { offset, appendedAtMs, bytes } of batch.records) {
    const event = decodeEvent(bytes)
    if (event === null || isTooLate({ event, appendedAtMs })) continue
    if (event.type === 'erase') {
      erased.add(event.site)
      rows = rows.filter((row) => row.event.site !== event.site)
    } else rows.push({ event, partition: batch.partition, offset, appendedAtMs })
  }
  return { erased, rows }
}
