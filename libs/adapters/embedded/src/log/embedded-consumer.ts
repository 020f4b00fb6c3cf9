import type { Clock, EventLogConsumer, LogHandler, LogSubscription } from '#ports'
import type { EmbeddedLog } from './embedded-log.js'
import { GroupSubscription } from './group-subscription.js'

export interface ConsumerOptions {
  /** How often `caughtUp` is told while nothing comes, ms. */
  readonly idleMs: number
  /** Told when a partition halts: its handler threw, or the log does not hold what the group needs next. */
  readonly onHalt: (group: string, partition: number, error: unknown) => void
}

/** Reads the embedded log for each group, one serial loop per partition. */
export class EmbeddedConsumer implements EventLogConsumer {
  private readonly subscriptions: GroupSubscription[] = []

  constructor(
    private readonly log: EmbeddedLog,
    private readonly clock: Clock,
    private readonly options: ConsumerOptions,
  ) {}

  async subscribe(group: string, handler: LogHandler): Promise<LogSubscription> {
    const subscription = new GroupSubscription(group, handler, this.log, this.clock, this.options)
    this.subscriptions.push(subscription)
    return subscription
  }

  /** Where every group stands: by partition, the offset below which no group has anything left to do. */
  passed(): number[] {
    const lags = this.subscriptions.map((subscription) => subscription.lag())
    return Array.from({ length: this.log.partitions }, (_, partition) =>
      lags.length === 0 ? 0 : Math.min(...lags.map((lag) => lag[partition].next)),
    )
  }
}
