import { join } from 'node:path'
import type { Logger } from 'pino'
import { createClientFacts } from '#adapters/client-facts'
import {
  ClickHouseConnection,
  ClickHouseDaySealer,
  ClickHouseEventStore,
  ClickHouseOffsetLedger,
  ClickHouseRebuildSource,
  ClickHouseRecountSource,
  ClickHouseSiteRegistry,
  migrate,
} from '#adapters/clickhouse'
import {
  createLogCut,
  EmbeddedConsumer,
  EmbeddedCounters,
  EmbeddedDeadLetters,
  EmbeddedLog,
  EmbeddedSnapshots,
  FileSalts,
  locateEngine,
  type Engine,
  startEngine,
} from '#adapters/embedded'
import { fileDirectoryCache, SiteDirectory } from '#directory'
import { type ClientFactsReader, systemClock } from '#ports'
import { Probe, ResourceStack, startHousekeeping } from '#service'

/** One site's state is one partition's, and one process has one loop: more would only cut its flushes into pieces. */
const PARTITIONS = 1
const IDLE_MS = 1000

/** Everything that the embedded mode opens on one disk, and how it is closed. */
export interface EmbeddedResources {
  readonly log: EmbeddedLog
  readonly consumer: EmbeddedConsumer
  readonly counters: EmbeddedCounters
  readonly deadLetters: EmbeddedDeadLetters
  readonly snapshots: EmbeddedSnapshots
  readonly salts: FileSalts
  /** Whether the engine answers. */
  readonly engine: Probe
  readonly store: ClickHouseEventStore
  readonly sealer: ClickHouseDaySealer
  readonly rebuildSource: ClickHouseRebuildSource
  readonly recountSource: ClickHouseRecountSource
  readonly offsets: ClickHouseOffsetLedger
  readonly registry: ClickHouseSiteRegistry
  readonly directory: SiteDirectory
  readonly clientFacts: ClientFactsReader
  close(): Promise<void>
}

/**
 * Opens the log first, because its lock keeps a second process off the folder.
 */
export function openEmbedded(folder: string, logger: Logger): Promise<EmbeddedResources> {
  return ResourceStack.opening(logger, async (opened) => {
    const log = opened.keep(await EmbeddedLog.open(join(folder, 'log'), PARTITIONS, systemClock))
    const counters = opened.keep(await openCounters(join(folder, 'counters'), logger))
    const deadLetters = opened.keep(await EmbeddedDeadLetters.open(join(folder, 'dead-letters')))
    const snapshots = opened.keep(await EmbeddedSnapshots.open(join(folder, 'snapshots')))
    const salts = await FileSalts.open(join(folder, 'salts'))
    await salts.maintain(systemClock.now())
    const engine = await startEngine({ dataDir: join(folder, 'clickhouse'), logger })
    opened.defer(() => engine.stop())
    const connection = opened.keep(connectionTo(engine))
    await migrate(connection)
    const registry = new ClickHouseSiteRegistry(connection)
    const offsets = new ClickHouseOffsetLedger(connection)
    const directory = new SiteDirectory(registry, fileDirectoryCache(join(folder, 'directory.json')))
    await directory.start()
    opened.defer(() => directory.stop())
    const consumer = openConsumer(log, logger)
    const cutLog = createLogCut(log, consumer, counters, (partition, first) =>
      logger.info({ partition, first }, 'the log was cut'),
    )
    const chores = [
      { failure: 'the salts cannot be kept', work: (nowMs: number) => salts.maintain(nowMs) },
      { failure: 'the log cannot be cut', work: cutLog },
    ]
    opened.keep(startHousekeeping(chores, logger))
    const store = new ClickHouseEventStore(connection, PARTITIONS)
    const clientFacts = createClientFacts()
    const probe = opened.keep(new Probe(() => connection.query('SELECT 1')))
    const rest = {
      log,
      counters,
      deadLetters,
      snapshots,
      salts,
      engine: probe,
      offsets,
      registry,
      directory,
      consumer,
      store,
      sealer: new ClickHouseDaySealer(connection),
      rebuildSource: new ClickHouseRebuildSource(connection),
      recountSource: new ClickHouseRecountSource(connection, PARTITIONS),
      clientFacts,
    }
    return { ...rest, close: () => opened.close() }
  })
}

function openCounters(folder: string, logger: Logger): Promise<EmbeddedCounters> {
  const onCheckpointError = (error: unknown) =>
    logger.error({ error: String(error) }, 'the counters cannot be saved, trying again')
  return EmbeddedCounters.open({ folder, partitions: PARTITIONS, onCheckpointError })
}

function openConsumer(log: EmbeddedLog, logger: Logger): EmbeddedConsumer {
  return new EmbeddedConsumer(log, systemClock, {
    idleMs: IDLE_MS,
    onHalt: (group, partition, error) =>
      logger.fatal({ group, partition, error: String(error) }, 'a consumer group halted'),
  })
}

function connectionTo(engine: Engine): ClickHouseConnection {
  const { username, password, database } = engine
  return new ClickHouseConnection({ url: () => engine.url(), username, password, database })
}

/** Throws an Error with one clear sentence where the embedded mode cannot run; touches nothing. */
export function requirePlatform(): void {
  locateEngine()
}
