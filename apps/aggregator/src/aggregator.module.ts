import { Module } from '@nestjs/common'
import { AggregatorService } from './aggregator.service.js'
import { CountersHandler } from './counters/counters.handler.js'
import { CountersRebuilder } from './counters/counters.rebuilder.js'
import { GroupHandlers } from './group-handlers.js'
import { DaySealing } from './store/day-sealing.js'
import { StoreHandler } from './store/store.handler.js'

/**
 * LOG -> COUNTERS and STORE: two consumer groups, neither of which waits for the other. Adapters come from outside, and so
 * does who reads the log: `GroupSubscriberModule`, or transports of Nest.
 */
@Module({
  providers: [CountersRebuilder, CountersHandler, DaySealing, StoreHandler, GroupHandlers, AggregatorService],
  exports: [AggregatorService, GroupHandlers],
})
export class AggregatorModule {}
