import { Module } from '@nestjs/common'
import { AggregatorService } from './aggregator.service.js'
import { CountersHandler } from './counters/counters.handler.js'
import { CountersRebuilder } from './counters/counters.rebuilder.js'
import { DaySealing } from './store/day-sealing.js'
import { StoreHandler } from './store/store.handler.js'

/** LOG -> COUNTERS and STORE: two consumer groups, neither of which waits for the other. Adapters come from outside. */
@Module({
  providers: [CountersRebuilder, CountersHandler, DaySealing, StoreHandler, AggregatorService],
  exports: [AggregatorService],
})
export class AggregatorModule {}
