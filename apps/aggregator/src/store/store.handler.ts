import { setTimeout as wait } from 'node:timers/promises'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { decodeEvent, TOO_LATE_MS } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import { EVENT_STORE, type EventStore, type LogBatch, type LogHandler, type StoredEvent } from '#ports'
import { untilDone } from '../until-done.js'

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
  ) {}

  position(partition: number): Promise<number> {
    return this.store.position(partition)
  }

  async apply(batch: LogBatch): Promise<number> {
    const next = batch.records[0].offset + batch.records.length
    const stop = this.metrics.storeInsertSeconds.startTimer()
    await untilDone(
      batch.signal,
      () => this.store.insert(batch.partition, storedRows(batch), next),
      (error) => this.logger.warn(`The store is away, trying again: ${String(error)}`),
    )
    stop()
    this.metrics.batchSize.observe({ group: 'store' }, batch.records.length)
    if (batch.end === next) await this.pace(batch.signal)
    return next
  }

  async caughtUp(): Promise<void> {}

  /** At the end of the log, lets the next batch gather; with a backlog there is nothing to wait for. */
  private async pace(signal: AbortSignal): Promise<void> {
    const waitMs = this.lastInsertAt + INSERT_EVERY_MS - performance.now()
    if (waitMs > 0) await wait(waitMs, undefined, { signal }).catch(() => undefined)
    this.lastInsertAt = performance.now()
  }
}

/**
 * What is in no number is not in the store either; the counters' group sets it aside. One event at a time: thousands that
 * live until all are written would cost more in garbage collection than in work.
 */
function* storedRows(batch: LogBatch): Generator<StoredEvent> {
  for (const { offset, appendedAtMs, bytes } of batch.records) {
    const event = decodeEvent(bytes)
    if (event === null || appendedAtMs - event.receivedAtMs > TOO_LATE_MS) continue
    yield { event, partition: batch.partition, offset }
  }
}
