import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { METRICS, type Metrics } from '#metrics'
import { EVENT_LOG_CONSUMER, type EventLogConsumer, type LogHandler, type LogSubscription } from '#ports'
import { CountersHandler } from './counters/counters.handler.js'
import { StoreHandler } from './store/store.handler.js'

export type GroupName = 'counters' | 'store'

/** Subscribes both groups, and tells where they stand. */
@Injectable()
export class AggregatorService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly handlers: Record<GroupName, LogHandler>
  private readonly subscriptions = new Map<GroupName, LogSubscription>()

  constructor(
    @Inject(EVENT_LOG_CONSUMER) private readonly consumer: EventLogConsumer,
    @Inject(CountersHandler) counters: CountersHandler,
    @Inject(StoreHandler) store: StoreHandler,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.handlers = { counters, store }
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const group of ['counters', 'store'] as const) {
      this.subscriptions.set(group, await this.consumer.subscribe(group, this.handlers[group]))
    }
  }

  /** Stops fetching and finishes the batch at hand; the adapters close after that. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.subscriptions.values()].map((subscription) => subscription.close()))
  }

  /** `halted` when any partition of the group is; also sets the lag gauge. */
  state(group: GroupName): 'up' | 'halted' | 'starting' {
    const lags = this.subscriptions.get(group)?.lag()
    if (lags === undefined) return 'starting'
    this.metrics.consumerLag.set(
      { group },
      lags.reduce((sum, lag) => sum + Math.max(0, lag.end - lag.next), 0),
    )
    return lags.some((lag) => lag.halted) ? 'halted' : 'up'
  }
}
