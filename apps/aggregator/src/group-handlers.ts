import { Inject, Injectable } from '@nestjs/common'
import type { LogHandler } from '#ports'
import type { GroupName } from './aggregator.service.js'
import { CountersHandler } from './counters/counters.handler.js'
import { StoreHandler } from './store/store.handler.js'

/** What each group does with its batches. */
@Injectable()
export class GroupHandlers {
  private readonly handlers: Readonly<Record<GroupName, LogHandler>>

  constructor(@Inject(CountersHandler) counters: CountersHandler, @Inject(StoreHandler) store: StoreHandler) {
    this.handlers = { counters, store }
  }

  of(group: GroupName): LogHandler {
    return this.handlers[group]
  }
}
