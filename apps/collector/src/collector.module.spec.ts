import { Global, type INestApplicationContext, Logger, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { expect, it } from 'vitest'
import { SITE_DIRECTORY, SiteDirectory } from '#directory'
import type { RawDoor } from '#http'
import { METRICS, Metrics } from '#metrics'
import { CLIENT_FACTS, CLOCK, EVENT_LOG, SALTS } from '#ports'
import { COLLECTOR_DOORS, COLLECTOR_OPTIONS, CollectorModule } from './index.js'
import { AS_BROWSER, view } from './testing/beacons.js'
import { DoorServer } from './testing/collector.js'
import { ArrayLog, ArrayRegistry, DaySalts, OneOfEach, SetClock, site } from './testing/fakes.js'

const log = new ArrayLog()
const registry = new ArrayRegistry()
registry.sites.push(site('demo'))
const directory = new SiteDirectory(registry, { read: async () => null, write: async () => undefined })

const PROVIDERS = [
  { provide: EVENT_LOG, useValue: log },
  { provide: SALTS, useValue: new DaySalts() },
  { provide: CLIENT_FACTS, useValue: new OneOfEach() },
  { provide: CLOCK, useValue: new SetClock() },
  { provide: SITE_DIRECTORY, useValue: directory },
  { provide: METRICS, useValue: new Metrics() },
  { provide: COLLECTOR_OPTIONS, useValue: { trustProxy: [], ratePerSecond: 200, rateBurst: 2000 } },
]

@Global()
@Module({ providers: PROVIDERS, exports: PROVIDERS })
class PortsModule {}

@Module({ imports: [PortsModule, CollectorModule] })
class SpecModule {}

it('wires its doors from ports that a global module gives', async () => {
  Logger.overrideLogger(false)
  await directory.refresh()
  const app: INestApplicationContext = await NestFactory.createApplicationContext(SpecModule, { logger: false })
  const server = await DoorServer.listen({ doors: app.get<RawDoor[]>(COLLECTOR_DOORS) })
  const answer = await server.send({ headers: AS_BROWSER, body: JSON.stringify(view()) })
  const unauthorized = await server.send({ path: '/v1/events' })
  await server.close()
  await app.close()
  expect([answer.status, unauthorized.status, log.events.length]).toEqual([204, 401, 1])
})
