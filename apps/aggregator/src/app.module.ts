import { type DynamicModule, type INestApplication, Module } from '@nestjs/common'
import type { Logger } from 'pino'
import {
  ClickHouseConnection,
  ClickHouseDaySealer,
  ClickHouseEventStore,
  ClickHouseRebuildSource,
  ClickHouseRecountSource,
} from '#adapters/clickhouse'
import {
  createKafka,
  EVENT_PARTITIONS,
  KafkaDeadLetters,
  type KafkaClientOptions,
  KafkaStrategy,
} from '#adapters/kafka'
import { assertRedisKeeps, connectRedis, RedisCounters } from '#adapters/redis'
import { type AggregatorConfig, clickHouseAddressOf, kafkaAddressOf, redisUrlOf, topicNamesOf } from '#config'
import { METRICS, Metrics } from '#metrics'
import {
  CLOCK,
  COUNTER_READER,
  COUNTERS,
  DAY_SEALER,
  DEAD_LETTERS,
  EVENT_STORE,
  REBUILD_SOURCE,
  RECOUNT_SOURCE,
  systemClock,
} from '#ports'
import { driverLog, PortsModule, Probe, ResourceStack } from '#service'
import { AggregatorModule } from './aggregator.module.js'
import { AggregatorService, GROUPS } from './aggregator.service.js'
import { EVENTS, EventsController, TRANSPORTS } from './events.controller.js'
import { GroupHandlers } from './group-handlers.js'

/** The aggregator on the adapters of a cluster. */
@Module({})
export class AppModule {
  static on({ ports, close }: AggregatorResources): DynamicModule {
    return {
      module: AppModule,
      imports: [PortsModule.with(ports, close), AggregatorModule],
      controllers: [EventsController],
    }
  }
}

export interface AggregatorResources {
  readonly metrics: Metrics
  readonly kafka: KafkaClientOptions
  readonly redis: Probe
  readonly clickhouse: Probe
  readonly ports: readonly (readonly [symbol, unknown])[]
  readonly close: () => Promise<void>
}

/** Opens nothing that must be there now but Redis, which must be one that keeps what it is given, if it answers. */
export function openCluster(config: AggregatorConfig, logger: Logger): Promise<AggregatorResources> {
  return ResourceStack.opening(logger, async (opened) => {
    const metrics = new Metrics()
    const connection = opened.keep(new ClickHouseConnection(clickHouseAddressOf(config)))
    const client = connectRedis({ url: redisUrlOf(config) })
    opened.defer(async () => client.disconnect())
    const counters = opened.keep(
      RedisCounters.connect({
        url: redisUrlOf(config),
        partitions: EVENT_PARTITIONS,
        prefix: config.KAFKA_TOPIC_PREFIX, // the counters are those of this log
        onError: (error) => logger.warn({ error: error.message }, 'redis'),
      }),
    )
    const kafka = { ...kafkaAddressOf(config), clientId: 'truycap-aggregator', log: driverLog(logger) }
    const topic = topicNamesOf(config).deadLettersTopic
    const deadLetters = opened.keep(new KafkaDeadLetters(createKafka(kafka), { topic }))
    const ports = [
      [CLOCK, systemClock],
      [COUNTERS, counters],
      [COUNTER_READER, counters],
      [DAY_SEALER, new ClickHouseDaySealer(connection)],
      [DEAD_LETTERS, deadLetters],
      [EVENT_STORE, new ClickHouseEventStore(connection, EVENT_PARTITIONS)],
      [METRICS, metrics],
      [REBUILD_SOURCE, new ClickHouseRebuildSource(connection)],
      [RECOUNT_SOURCE, new ClickHouseRecountSource(connection, EVENT_PARTITIONS)],
    ] as const
    return {
      metrics,
      kafka,
      redis: opened.keep(new Probe(() => assertRedisKeeps(client))),
      clickhouse: opened.keep(new Probe(() => connection.query('SELECT 1'))),
      ports,
      close: () => opened.close(),
    }
  })
}

/** Makes each group a transport of the application; what it returns is to be called when they have joined. */
export function connectGroups(
  app: INestApplication,
  config: AggregatorConfig,
  { kafka }: AggregatorResources,
  logger: Logger,
): () => void {
  const handlers = app.get(GroupHandlers)
  const strategies = GROUPS.map((group) => {
    const strategy = new KafkaStrategy({
      group,
      transport: TRANSPORTS[group],
      pattern: EVENTS,
      rules: handlers.of(group),
      client: kafka,
      clock: systemClock,
      consumer: {
        log: kafka.log,
        topic: topicNamesOf(config).eventsTopic,
        groupPrefix: `${config.KAFKA_TOPIC_PREFIX}.`,
        onHalt: (name, partition, error) =>
          logger.fatal({ group: name, partition, error: String(error) }, 'a consumer group halted'),
        onCrash: (name, error) => {
          logger.fatal({ group: name, error: String(error) }, 'a consumer group cannot go on, the process ends')
          process.exit(1)
        },
      },
    })
    app.connectMicroservice({ strategy })
    return [group, strategy] as const
  })
  return () => {
    const aggregator = app.get(AggregatorService)
    for (const [group, strategy] of strategies) aggregator.joined(group, strategy)
  }
}
