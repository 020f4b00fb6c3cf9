import { join } from 'node:path'
import { type DynamicModule, Module } from '@nestjs/common'
import type { Logger } from 'pino'
import { createClientFacts } from '#adapters/client-facts'
import { ClickHouseConnection, ClickHouseSalts, ClickHouseSiteRegistry } from '#adapters/clickhouse'
import { createKafka, EVENT_PARTITIONS, KafkaLog } from '#adapters/kafka'
import { SpooledLog } from '#adapters/spool'
import { clickHouseAddressOf, type CollectorConfig, kafkaAddressOf, topicNamesOf } from '#config'
import { fileDirectoryCache, hashOfKey, SITE_DIRECTORY, SiteDirectory } from '#directory'
import { METRICS, Metrics } from '#metrics'
import { CLIENT_FACTS, CLOCK, EVENT_LOG, SALTS, systemClock } from '#ports'
import { driverLog, type Health, PortsModule, Probe, ResourceStack, startHousekeeping } from '#service'
import { COLLECTOR_OPTIONS } from './collector-options.js'
import { CollectorModule } from './collector.module.js'

/** The collector on the adapters of a cluster. */
@Module({})
export class AppModule {
  static on(resources: CollectorResources, config: CollectorConfig): DynamicModule {
    const adminKey = config.TRUYCAP_ADMIN_KEY
    const options = {
      trustProxy: config.TRUST_PROXY,
      ratePerSecond: config.RATE_PER_SECOND,
      rateBurst: config.RATE_BURST,
      ...(adminKey !== undefined && { adminKeyHash: hashOfKey(adminKey) }),
    }
    const ports = [
      [CLIENT_FACTS, createClientFacts()],
      [CLOCK, systemClock],
      [COLLECTOR_OPTIONS, options],
      [EVENT_LOG, resources.log],
      [METRICS, resources.metrics],
      [SALTS, resources.salts],
      [SITE_DIRECTORY, resources.directory],
    ] as const
    return { module: AppModule, imports: [PortsModule.with(ports, () => resources.close()), CollectorModule] }
  }
}

export interface CollectorResources {
  readonly metrics: Metrics
  readonly log: SpooledLog
  readonly salts: ClickHouseSalts
  readonly directory: SiteDirectory
  /** Ready when the log **or** the spool takes writes, and sites are known at all (contract section 6). */
  health(): Health
  close(): Promise<void>
}

/** Opens the spool first, because its lock keeps a second process off the folder. Kafka and ClickHouse may be away. */
export function openCluster(config: CollectorConfig, folder: string, logger: Logger): Promise<CollectorResources> {
  return ResourceStack.opening(logger, async (opened) => {
    const metrics = new Metrics()
    const connection = opened.keep(new ClickHouseConnection(clickHouseAddressOf(config)))
    const directory = new SiteDirectory(
      new ClickHouseSiteRegistry(connection),
      fileDirectoryCache(join(folder, 'directory.json')),
    )
    const log = await openLog(config, folder, { logger, opened, metrics, directory })
    const salts = await openSalts(connection, folder, logger, opened)
    opened.defer(() => directory.stop())
    await directory.start()
    const store = opened.keep(new Probe(() => connection.query('SELECT 1')))
    const health = (): Health => ({
      ready: log.isWritable && directory.loaded,
      dependencies: {
        log: log.isAway ? 'down' : 'up',
        spool: log.isWritable ? 'up' : 'down',
        registry: directory.loaded ? 'up' : 'starting',
        store: store.state,
      },
    })
    return { metrics, log, salts, directory, health, close: () => opened.close() }
  })
}

interface Opening {
  readonly logger: Logger
  readonly opened: ResourceStack
  readonly metrics: Metrics
  readonly directory: SiteDirectory
}

async function openLog(
  config: CollectorConfig,
  folder: string,
  { logger, opened, metrics, directory }: Opening,
): Promise<SpooledLog> {
  const kafka = createKafka({ ...kafkaAddressOf(config), clientId: 'truycap-collector', log: driverLog(logger) })
  const topic = topicNamesOf(config).eventsTopic
  const log = opened.keep(KafkaLog.open(kafka, { partitions: EVENT_PARTITIONS, topic }))
  const spooled = await SpooledLog.open(log, {
    folder: join(folder, 'spool'),
    maxBytes: config.SPOOL_MAX_BYTES,
    clock: systemClock,
    metrics,
    // Read from the registry itself: what is not in an old copy of it may only be new.
    isGone: (siteId) => directory.isRead && directory.site(siteId) === undefined,
    onAway: (isAway, cause) => {
      if (isAway) logger.error({ error: String(cause) }, 'the log is away, events go to the spool')
      else logger.info('the log is back')
    },
    onFailure: (error) => logger.error({ error: String(error) }, 'the spool cannot be drained, trying again'),
  })
  return opened.keep(spooled)
}

/** Without ClickHouse it goes on with the salts on its own disk. */
async function openSalts(
  connection: ClickHouseConnection,
  folder: string,
  logger: Logger,
  opened: ResourceStack,
): Promise<ClickHouseSalts> {
  const salts = await ClickHouseSalts.open(connection, join(folder, 'salts'))
  const failure = 'the salts cannot be kept'
  await salts.maintain(systemClock.now()).catch((error: unknown) => logger.error({ error: String(error) }, failure))
  opened.keep(startHousekeeping([{ failure, work: (nowMs) => salts.maintain(nowMs) }], logger))
  return salts
}
