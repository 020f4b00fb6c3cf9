import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common'
import { ADMIN_KEY, WEB_ASSETS, type WebFolders } from '#api'
import { COLLECTOR_OPTIONS, type CollectorOptions } from '#collector'
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
  SALTS,
  SITE_REGISTRY,
  SNAPSHOT_STORE,
  systemClock,
} from '#ports'
import type { EmbeddedResources } from './embedded.resources.js'

const EMBEDDED_RESOURCES = Symbol('EmbeddedResources')

export interface EmbeddedOptions {
  readonly resources: EmbeddedResources
  readonly collector: CollectorOptions
  readonly adminKey: string
  readonly webAssets: WebFolders
  readonly metrics: Metrics
}

/** Gives every port its embedded adapter, and closes them all when HTTP has drained and the consumers have stopped. */
@Global()
@Module({})
export class EmbeddedModule implements OnApplicationShutdown {
  constructor(@Inject(EMBEDDED_RESOURCES) private readonly resources: EmbeddedResources) {}

  static with(options: EmbeddedOptions): DynamicModule {
    const providers = providersOf(options)
    return { module: EmbeddedModule, providers, exports: providers }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.resources.close()
  }
}

function providersOf({ resources, collector, adminKey, webAssets, metrics }: EmbeddedOptions): Provider[] {
  const values: [symbol, unknown][] = [
    [EMBEDDED_RESOURCES, resources],
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
    [SALTS, resources.salts],
    [SITE_DIRECTORY, resources.directory],
    [SITE_REGISTRY, resources.registry],
    [SNAPSHOT_STORE, resources.snapshots],
    [METRICS, metrics],
    [COLLECTOR_OPTIONS, collector],
    [ADMIN_KEY, adminKey],
    [WEB_ASSETS, webAssets],
  ]
  return values.map(([provide, useValue]) => ({ provide, useValue }))
}
