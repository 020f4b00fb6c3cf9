import { Inject, Injectable, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { EVENT_LOG_CONSUMER, type EventLogConsumer, type LogSubscription } from '#ports'
import { AggregatorModule } from './aggregator.module.js'
import { AggregatorService, GROUPS } from './aggregator.service.js'
import { GroupHandlers } from './group-handlers.js'

/** Subscribes both groups to a log that is read through its port. */
@Injectable()
export class GroupSubscriber implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly subscriptions: LogSubscription[] = []

  constructor(
    @Inject(EVENT_LOG_CONSUMER) private readonly consumer: EventLogConsumer,
    @Inject(GroupHandlers) private readonly handlers: GroupHandlers,
    @Inject(AggregatorService) private readonly aggregator: AggregatorService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const group of GROUPS) {
      const subscription = await this.consumer.subscribe(group, this.handlers.of(group))
      this.subscriptions.push(subscription)
      this.aggregator.joined(group, subscription)
    }
  }

  /** Stops fetching and finishes the batch at hand; the adapters close after that. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()))
  }
}

/** For processes whose log is no transport of Nest. */
@Module({ imports: [AggregatorModule], providers: [GroupSubscriber] })
export class GroupSubscriberModule {}
