import { ClickHouseConnection, ClickHouseEventStore, ClickHouseRecountSource } from '#adapters/clickhouse'
import { EVENT_PARTITIONS } from '#adapters/kafka'
import { connectRedis, RedisCounterReader } from '#adapters/redis'
import {
  clickHouseAddressOf,
  ConfigError,
  readConfig,
  reconcileConfig,
  type ReconcileConfig,
  redisUrlOf,
} from '#config'
import { type PartitionReport, Reconciler } from '#reconcile'
import { type Failure, reportLines } from './report.js'

interface Output {
  write(text: string): unknown
}

export const EXIT = { equal: 0, drift: 1, notCompared: 2 } as const

/**
 * `npm run reconcile`: compares every counter in Redis with ClickHouse, while the cluster runs, and changes nothing. Resolves to
 * the exit code: 0 all are equal, 1 some are not, 2 not everything could be compared.
 */
export async function reconcileCommand(
  env: Readonly<Record<string, string | undefined>>,
  out: Output,
  err: Output,
): Promise<number> {
  try {
    const { reports, failures } = await reconcileAll(readConfig(reconcileConfig, env))
    out.write(reportLines(reports, failures).join('\n') + '\n')
    if (reports.some(({ drifts, unaccounted }) => drifts.length > 0 || unaccounted !== 0)) return EXIT.drift
    return failures.length > 0 ? EXIT.notCompared : EXIT.equal
  } catch (error) {
    err.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack)}\n`)
    return EXIT.notCompared
  }
}

async function reconcileAll(config: ReconcileConfig): Promise<{ reports: PartitionReport[]; failures: Failure[] }> {
  const connection = new ClickHouseConnection(clickHouseAddressOf(config))
  const client = connectRedis({ url: redisUrlOf(config) })
  // Only a reader: what writes would also tidy up, and so end a rebuild that an aggregator has under way.
  const counters = new RedisCounterReader(client, EVENT_PARTITIONS, config.KAFKA_TOPIC_PREFIX)
  const store = new ClickHouseEventStore(connection, EVENT_PARTITIONS)
  const source = new ClickHouseRecountSource(connection, EVENT_PARTITIONS)
  try {
    return await eachPartition(new Reconciler({ counters, reader: counters, store, source }))
  } finally {
    client.disconnect()
    await connection.close()
  }
}

/** One after another, so that it takes little of what the services need. */
async function eachPartition(reconciler: Reconciler) {
  const reports: PartitionReport[] = []
  const failures: Failure[] = []
  for (let partition = 0; partition < EVENT_PARTITIONS; partition++) {
    await reconciler.check(partition).then(
      (report) => reports.push(report),
      (error: unknown) => failures.push({ partition, reason: error instanceof Error ? error.message : String(error) }),
    )
  }
  return { reports, failures }
}
