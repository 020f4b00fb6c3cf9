import { Inject, Injectable } from '@nestjs/common'
import { METRICS, type Metrics } from '#metrics'
import type { LogSubscription } from '#ports'

export const GROUPS = ['counters', 'store'] as const
export type GroupName = (typeof GROUPS)[number]

/** Tells where both groups stand. */
@Injectable()
export class AggregatorService {
  private readonly subscriptions = new Map<GroupName, Pick<LogSubscription, 'lag'>>()

  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  /** From now on the group is up: it has joined. */
  joined(group: GroupName, subscription: Pick<LogSubscription, 'lag'>): void {
    this.subscriptions.set(group, subscription)
  }

  /** Those that the group has in this process, now. */
  partitions(group: GroupName): readonly number[] {
    return (this.subscriptions.get(group)?.lag() ?? []).map(({ partition }) => partition)
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
