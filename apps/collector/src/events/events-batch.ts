import { Logger } from '@nestjs/common'
import type { Checked, Event, Problem } from '#domain'
import { errorTrace } from '#http'
import type { EventMaker } from '../event/event-maker.js'
import type { LogWriter } from '../event/log-writer.js'
import type { Outcome, Outcomes } from '../event/outcomes.js'
import { type Draft, LOG_UNAVAILABLE, type Verdict } from '../event/verdict.js'
import { EventsReceipt } from './events-receipt.js'

/** Events handed to the log at once; as many again wait while they are written. */
const MAX_EVENTS = 500

export type JudgeItem = (item: unknown, receivedAtMs: number) => Promise<Verdict | 'unknowable'>

/**
 * The lines of one request on their way into the log: one write in flight, what is judged meanwhile goes with the next,
 * so memory is bounded and a trickle of lines is not held back. The first 503 ends it.
 */
export class EventsBatch {
  readonly receipt = new EventsReceipt()
  private readonly logger = new Logger('collector')
  private waiting: Event[] = []
  private writing: Promise<void> | null = null
  private isDue = false
  private ended: Problem | null = null

  constructor(
    private readonly judge: JudgeItem,
    private readonly maker: EventMaker,
    private readonly writer: LogWriter,
    private readonly outcomes: Outcomes,
  ) {}

  /** Why no more lines are taken; null while they are. */
  get problem(): Problem | null {
    return this.ended
  }

  /** Ends it: what is not yet in the log will not be. */
  end(problem: Problem): void {
    this.ended ??= problem
  }

  /** Takes one line; waits when the log is slower than the sender. */
  async take(line: number, item: Checked<unknown>, receivedAtMs: number): Promise<void> {
    const verdict: Verdict | 'unknowable' = item.ok ? await this.judge(item.value, receivedAtMs) : item
    if (verdict === 'unknowable') this.refuse()
    else if (verdict.kept !== undefined) await this.keep(verdict.kept)
    else if (verdict.dropped === undefined) this.receipt.reject(line, this.counted(verdict.problem.code))
    else this.receipt.drop(this.counted(verdict.dropped))
  }

  /** Writes what waits, as soon as no write is in flight. */
  flush(): void {
    this.isDue = true
    if (this.writing === null) this.write()
  }

  /** Resolves when everything that was taken is durable, or `problem` says why it is not. */
  async finish(): Promise<void> {
    this.flush()
    while (this.writing !== null) await this.writing
  }

  private counted<O extends Outcome>(outcome: O): O {
    this.outcomes.count(outcome)
    return outcome
  }

  private refuse(): void {
    this.outcomes.count(LOG_UNAVAILABLE.code)
    this.end(LOG_UNAVAILABLE)
  }

  private async keep(draft: Draft): Promise<void> {
    const event = this.maker.make(draft)
    if (event === null) return this.refuse()
    this.waiting.push(event)
    while (this.waiting.length >= MAX_EVENTS && this.writing !== null) await this.writing
    if (this.waiting.length >= MAX_EVENTS) this.write()
  }

  private write(): void {
    const events = this.waiting
    this.waiting = []
    this.isDue = false
    if (events.length === 0) return
    if (this.ended !== null) this.outcomes.count(this.ended.code, events.length)
    else this.writing = this.writeAll(events).then(() => this.landed())
  }

  private landed(): void {
    this.writing = null
    if (this.isDue) this.write()
  }

  /** Never rejects: nobody waits for it while the next lines are read. */
  private async writeAll(events: readonly Event[]): Promise<void> {
    try {
      if (await this.writer.write(events)) {
        this.receipt.accepted += events.length
        this.outcomes.count('kept', events.length)
        return
      }
      this.end(LOG_UNAVAILABLE)
    } catch (error) {
      this.logger.error(`Server events broke the intake: ${errorTrace(error)}`)
      this.end({ code: 'internal' })
    }
    this.outcomes.count(this.ended?.code ?? 'internal', events.length)
  }
}
