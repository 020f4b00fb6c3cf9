import { Module } from '@nestjs/common'
import {
  COUNTER_READER,
  type CounterReader,
  COUNTERS,
  type Counters,
  EVENT_STORE,
  type EventStore,
  RECOUNT_SOURCE,
  type RecountSource,
} from '#ports'
import { Reconciler } from '#reconcile'
import { AggregatorService } from './aggregator.service.js'
import { CountersHandler } from './counters/counters.handler.js'
import { CountersRebuilder } from './counters/counters.rebuilder.js'
import { DriftWatch } from './drift/drift.watch.js'
import { GroupHandlers } from './group-handlers.js'
import { DaySealing } from './store/day-sealing.js'
import { StoreHandler } from './store/store.handler.js'

const reconciler = {
  provide: Reconciler,
  inject: [COUNTERS, COUNTER_READER, EVENT_STORE, RECOUNT_SOURCE],
  useFactory: (counters: Counters, reader: CounterReader, store: EventStore, source: RecountSource) =>
    new Reconciler({ counters, reader, store, source }),
}

/**
 * LOG -> COUNTERS and STORE: two consumer groups, neither of which waits for the other. Adapters come from outside, and so
 * does who reads the log: `GroupSubscriberModule`, or transports of Nest.
 */
@Module({
  providers: [
    CountersRebuilder,
    CountersHandler,
    DaySealing,
    StoreHandler,
    GroupHandlers,
    AggregatorService,
    reconciler,
    DriftWatch,
  ],
  exports: [AggregatorService, GroupHandlers],
})
export class AggregatorModule {}
