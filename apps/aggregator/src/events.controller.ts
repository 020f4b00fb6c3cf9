import { Controller, Inject } from '@nestjs/common'
import { EventPattern, Payload } from '@nestjs/microservices'
import type { LogBatch } from '#ports'
import type { GroupName } from './aggregator.service.js'
import { GroupHandlers } from './group-handlers.js'

/** What the handlers are marked with, whatever the topic is called. */
export const EVENTS = 'events'

/** One transport a group: each hands its batches to its own handler alone. */
export const TRANSPORTS: Readonly<Record<GroupName, symbol>> = { counters: Symbol('counters'), store: Symbol('store') }

/** Both groups' batches, as transports of Nest bring them. Each returns the offset where its group goes on. */
@Controller()
export class EventsController {
  constructor(@Inject(GroupHandlers) private readonly handlers: GroupHandlers) {}

  @EventPattern<string>(EVENTS, TRANSPORTS.counters)
  count(@Payload() batch: LogBatch): Promise<number> {
    return this.handlers.of('counters').apply(batch)
  }

  @EventPattern<string>(EVENTS, TRANSPORTS.store)
  keep(@Payload() batch: LogBatch): Promise<number> {
    return this.handlers.of('store').apply(batch)
  }
}
