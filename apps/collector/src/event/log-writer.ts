import { Inject, Injectable, Logger } from '@nestjs/common'
import { encodeEvent, type Event } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import { EVENT_LOG, type EventLog } from '#ports'

/** Puts events into the log and tells whether they are durable. */
@Injectable()
export class LogWriter {
  private readonly logger = new Logger('collector')
  private isAway = false

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  /**
   * True = every event survives the death of every process of ours (contract section 2); false = that cannot be said,
   * and the sender must try again with the same ids. Throws, at once, only on an event that cannot be encoded, which is a
   * bug. One promise over the log's own, which all of a flush share: each more would be carried along by every request.
   */
  write(events: readonly Event[]): Promise<boolean> {
    const entries = events.map((event) => ({ site: event.site, bytes: encodeEvent(event) }))
    const start = performance.now()
    return this.log.append(entries).then(
      () => {
        this.metrics.logAppendSeconds.observe((performance.now() - start) / 1000)
        this.note(false, null)
        return true
      },
      (error: unknown) => {
        this.note(true, error)
        return false
      },
    )
  }

  /** One line when the log goes away and one when it is back, however many requests meet it. */
  private note(isAway: boolean, error: unknown): void {
    if (isAway === this.isAway) return
    this.isAway = isAway
    if (isAway) this.logger.error(`The log takes no events: ${error instanceof Error ? error.message : String(error)}`)
    else this.logger.log('The log takes events again.')
  }
}
