import { type DynamicModule, Module } from '@nestjs/common'
import { GroupSubscriberModule } from '#aggregator'
import { ADMIN_KEY, ApiModule, WEB_ASSETS, type WebFolders } from '#api'
import { COLLECTOR_OPTIONS, CollectorModule, type CollectorOptions } from '#collector'
import { SITE_DIRECTORY } from '#directory'
import { METRICS, type Metrics } from '#metrics'
import {
  CLIENT_FACTS,
  CLOCK,
  COUNTER_READER,
  COUNTERS,
  DAY_SEALER,
  DEAD_LETTERS,
  EVENT_LOG,
  EVENT_LOG_CONSUMER,
  EVENT_STORE,
  OFFSET_LEDGER,
  REBUILD_SOURCE,
  RECOUNT_SOURCE,
  SALTS,
  SITE_REGISTRY,
  SNAPSHOT_STORE,
  systemClock,
} from '#ports'
import { PortsModule } from '#service'
import { DemoController } from './demo/demo.controller.js'
import type { EmbeddedResources } from './embedded.resources.js'

export interface StandaloneOptions {
  readonly resources: EmbeddedResources
  readonly collector: CollectorOptions
  readonly adminKey: string
  readonly webAssets: WebFolders
  readonly metrics: Metrics
}

/** The three features of the cluster on the embedded adapters, in one process. */
@Module({})
export class AppModule {
  static on(options: StandaloneOptions): DynamicModule {
    const ports = PortsModule.with(portsOf(options), () => options.resources.close())
    return {
      module: AppModule,
      imports: [ports, CollectorModule, GroupSubscriberModule, ApiModule],
      controllers: [DemoController],
    }
  }
}

function portsOf({ resources, collector, adminKey, webAssets, metrics }: StandaloneOptions): [symbol, unknown][] {
  return [
    [CLIENT_FACTS, resources.clientFacts],
    [CLOCK, systemClock],
    [COUNTERS, resources.counters],
    [COUNTER_READER, resources.counters],
    [DAY_SEALER, resources.sealer],
    [DEAD_LETTERS, resources.deadLetters],
    [EVENT_LOG, resources.log],
    [EVENT_LOG_CONSUMER, resources.consumer],
    [EVENT_STORE, resources.store],
    [OFFSET_LEDGER, resources.offsets],
    [REBUILD_SOURCE, resources.rebuildSource],
    [RECOUNT_SOURCE, resources.recountSource],
    [SALTS, resources.salts],
    [SITE_DIRECTORY, resources.directory],
    [SITE_REGISTRY, resources.registry],
    [SNAPSHOT_STORE, resources.snapshots],
    [METRICS, metrics],
    [COLLECTOR_OPTIONS, collector],
    [ADMIN_KEY, adminKey],
    [WEB_ASSETS, webAssets],
  ]
}
