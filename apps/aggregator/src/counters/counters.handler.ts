import { Inject, Injectable, Logger } from '@nestjs/common'
import { BatchPlan, decodeEvent, isTooLate, reduce, type AppendedEvent, type Operations, type Outcome } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import {
  type Clock,
  CLOCK,
  COUNTERS,
  type Counters,
  DEAD_LETTERS,
  type DeadLetter,
  type DeadLetters,
  type LogBatch,
  type LogExtent,
  type LogHandler,
} from '#ports'
import { untilDone } from '../until-done.js'
import { CountersRebuilder } from './counters.rebuilder.js'

/** Contract section 6: heartbeats, leaves and erasures are in no metric. */
const SHOWN_OUTCOMES = ['counted', 'repeat', 'too_late', 'poison'] as const satisfies readonly Outcome[]

/**
 * Group `counters`: batch -> plan -> load -> reduce -> commit. The commit carries `next`, so a batch applied twice, in
 * whole or in part, changes nothing: the state itself says where to go on.
 */
@Injectable()
export class CountersHandler implements LogHandler {
  readonly maxRecords = 500
  private readonly logger = new Logger('counters')

  constructor(
    @Inject(COUNTERS) private readonly counters: Counters,
    @Inject(DEAD_LETTERS) private readonly deadLetters: DeadLetters,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CountersRebuilder) private readonly rebuilder: CountersRebuilder,
  ) {}

  /**
   * Where the state stands. One that is missing, or that stands before what the log still holds, is made anew from the
   * store; if the log holds everything from the beginning, reading it is enough.
   */
  async position(partition: number, extent: LogExtent): Promise<number> {
    const next = await this.counters.next(partition)
    if (next !== null && next >= extent.first) return next
    const stored = await this.rebuilder.stored(partition)
    // A log that lost what the store has must halt here: the counters would show its remainder as everything.
    if (stored !== null && (stored < extent.first || stored > extent.end)) return stored
    return extent.first === 0 ? 0 : this.rebuilder.rebuild(partition, extent)
  }

  async apply(batch: LogBatch): Promise<number> {
    const from = batch.records[0].offset
    const next = from + batch.records.length
    const stop = this.metrics.counterApplySeconds.startTimer()
    const { events, letters } = decodeBatch(batch)
    const plan = new BatchPlan(events)
    if (letters.length > 0) await this.waitedOut(batch, () => this.deadLetters.add(letters))
    const records = await this.waitedOut(batch, () => this.counters.load(batch.partition, plan))
    const poison = letters.filter(({ reason }) => reason === 'poison').length
    const operations = withPoison(reduce(plan, records), poison)
    const result = await this.waitedOut(batch, () => this.counters.commit(batch.partition, from, operations, next))
    stop()
    // An attempt whose answer was lost may have been applied: a state that stands at our own target was ours.
    if (!result.applied && result.current !== next) return result.current ?? 0
    this.observe(events, letters, operations)
    return next
  }

  async caughtUp(partition: number, next: number, atMs: number): Promise<void> {
    await this.counters.caughtUp(partition, next, atMs)
  }

  private waitedOut<T>(batch: LogBatch, attempt: () => Promise<T>): Promise<T> {
    return untilDone(batch.signal, attempt, (error) =>
      this.logger.warn(`The counters are away, trying again: ${String(error)}`),
    )
  }

  private observe(events: readonly AppendedEvent[], letters: readonly DeadLetter[], operations: Operations): void {
    this.metrics.batchSize.observe({ group: 'counters' }, events.length)
    for (const outcome of SHOWN_OUTCOMES) this.metrics.events.inc({ outcome }, operations.outcomes[outcome])
    for (const { reason } of letters) this.metrics.deadLetters.inc({ reason })
    const now = this.clock.now()
    for (const { event } of events) this.metrics.freshnessSeconds.observe(Math.max(0, now - event.receivedAtMs) / 1000)
  }
}

/** The reducer never sees what nobody can read. */
function withPoison(operations: Operations, poison: number): Operations {
  return poison === 0 ? operations : { ...operations, outcomes: { ...operations.outcomes, poison } }
}

function decodeBatch(batch: LogBatch): { events: AppendedEvent[]; letters: DeadLetter[] } {
  const events: AppendedEvent[] = []
  const letters: DeadLetter[] = []
  for (const { offset, appendedAtMs, bytes } of batch.records) {
    const event = decodeEvent(bytes)
    if (event === null) letters.push({ reason: 'poison', partition: batch.partition, offset, bytes })
    else {
      const appended = { event, appendedAtMs }
      events.push(appended)
      if (isTooLate(appended)) letters.push({ reason: 'too_late', partition: batch.partition, offset, bytes })
    }
  }
  return { events, letters }
}
