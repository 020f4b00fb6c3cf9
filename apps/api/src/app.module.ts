import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DynamicModule, Module } from '@nestjs/common'
import type { Logger } from 'pino'
import {
  ClickHouseConnection,
  ClickHouseEventStore,
  ClickHouseOffsetLedger,
  ClickHouseSiteRegistry,
} from '#adapters/clickhouse'
import { EmbeddedSnapshots } from '#adapters/embedded'
import { createKafka, EVENT_PARTITIONS, KafkaLog } from '#adapters/kafka'
import { connectRedis, RedisCounterReader } from '#adapters/redis'
import { type ApiConfig, clickHouseAddressOf, kafkaAddressOf, redisUrlOf, topicNamesOf } from '#config'
import { fileDirectoryCache, SITE_DIRECTORY, SiteDirectory } from '#directory'
import { METRICS, Metrics } from '#metrics'
import {
  CLOCK,
  COUNTER_READER,
  EVENT_LOG,
  EVENT_STORE,
  OFFSET_LEDGER,
  SITE_REGISTRY,
  SNAPSHOT_STORE,
  systemClock,
} from '#ports'
import { driverLog, PortsModule, Probe, ResourceStack } from '#service'
import { ApiModule } from './api.module.js'
import { ADMIN_KEY } from './owner-door/principal.js'
import { WEB_ASSETS } from './scripts/web-assets.js'

/** `dist/web`, seen from the compiled file. */
const BUILT = fileURLToPath(new URL('../../../web', import.meta.url))

/** The api on the adapters of a cluster. */
@Module({})
export class AppModule {
  static on({ ports, close }: ApiResources): DynamicModule {
    return { module: AppModule, imports: [PortsModule.with(ports, close), ApiModule] }
  }
}

export interface ApiResources {
  readonly metrics: Metrics
  readonly directory: SiteDirectory
  readonly clickhouse: Probe
  readonly ports: readonly (readonly [symbol, unknown])[]
  readonly close: () => Promise<void>
}

/** Opens the last known numbers first, because their lock keeps a second process off the folder. All else may be away. */
export function openCluster(config: ApiConfig, folder: string, logger: Logger): Promise<ApiResources> {
  return ResourceStack.opening(logger, async (opened) => {
    const metrics = new Metrics()
    const snapshots = opened.keep(await EmbeddedSnapshots.open(join(folder, 'snapshots')))
    const connection = opened.keep(new ClickHouseConnection(clickHouseAddressOf(config)))
    const registry = new ClickHouseSiteRegistry(connection)
    const directory = new SiteDirectory(registry, fileDirectoryCache(join(folder, 'directory.json')))
    opened.defer(() => directory.stop())
    await directory.start()
    const ports = [
      [ADMIN_KEY, config.TRUYCAP_ADMIN_KEY],
      [CLOCK, systemClock],
      [COUNTER_READER, openCounters(config, logger, opened)],
      [EVENT_LOG, opened.keep(openLog(config, logger))],
      [EVENT_STORE, new ClickHouseEventStore(connection, EVENT_PARTITIONS)],
      [METRICS, metrics],
      [OFFSET_LEDGER, new ClickHouseOffsetLedger(connection)],
      [SITE_DIRECTORY, directory],
      [SITE_REGISTRY, registry],
      [SNAPSHOT_STORE, snapshots],
      [WEB_ASSETS, { built: BUILT, kept: join(folder, 'scripts') }],
    ] as const
    const clickhouse = opened.keep(new Probe(() => connection.query('SELECT 1')))
    return { metrics, directory, clickhouse, ports, close: () => opened.close() }
  })
}

function openCounters(config: ApiConfig, logger: Logger, opened: ResourceStack): RedisCounterReader {
  const client = connectRedis({
    url: redisUrlOf(config),
    onError: (error) => logger.warn({ error: error.message }, 'redis'),
  })
  opened.defer(async () => client.disconnect())
  return new RedisCounterReader(client, EVENT_PARTITIONS, config.KAFKA_TOPIC_PREFIX) // the counters are those of this log
}

/** Erasures go through the log, behind everything that came before them. */
function openLog(config: ApiConfig, logger: Logger): KafkaLog {
  const kafka = createKafka({ ...kafkaAddressOf(config), clientId: 'truycap-api', log: driverLog(logger) })
  return KafkaLog.open(kafka, { partitions: EVENT_PARTITIONS, topic: topicNamesOf(config).eventsTopic })
}
