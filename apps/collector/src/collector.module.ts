import { Module } from '@nestjs/common'
import { RateLimiter, type RawDoor } from '#http'
import { BeaconDoor } from './beacon/beacon.door.js'
import { BeaconIntake } from './beacon/beacon.intake.js'
import { BeaconRequestReader } from './beacon/beacon-request.js'
import { COLLECTOR_OPTIONS, type CollectorOptions } from './collector-options.js'
import { EventJudge } from './event/event.judge.js'
import { EventMaker } from './event/event-maker.js'
import { LogWriter } from './event/log-writer.js'
import { Outcomes } from './event/outcomes.js'
import { EventsAccessReader } from './events/events.access.js'
import { EventsDoor } from './events/events.door.js'
import { EventsIntake } from './events/events.intake.js'

/** The doors of the collector (`RawDoor[]`), to be asked in this order in front of the framework. */
export const COLLECTOR_DOORS = Symbol('CollectorDoors')

/**
 * BEACON -> EVENT -> LOG. From outside, in global modules: `COLLECTOR_OPTIONS`, `EVENT_LOG`, `SALTS`, `CLIENT_FACTS`,
 * `CLOCK`, `SITE_DIRECTORY`, `METRICS`.
 */
@Module({
  providers: [
    EventJudge,
    EventMaker,
    LogWriter,
    Outcomes,
    {
      provide: RateLimiter,
      inject: [COLLECTOR_OPTIONS],
      useFactory: ({ ratePerSecond, rateBurst }: CollectorOptions) =>
        new RateLimiter({ ratePerSecond, burst: rateBurst }),
    },
    BeaconRequestReader,
    BeaconIntake,
    BeaconDoor,
    EventsAccessReader,
    EventsIntake,
    EventsDoor,
    {
      provide: COLLECTOR_DOORS,
      inject: [BeaconDoor, EventsDoor],
      useFactory: (beacons: BeaconDoor, events: EventsDoor): RawDoor[] => [beacons, events],
    },
  ],
  exports: [COLLECTOR_DOORS, EventsDoor],
})
export class CollectorModule {}
