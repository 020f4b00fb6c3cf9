import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ClickHouseConnection, ClickHouseEventStore } from '#adapters/clickhouse'
import { EmbeddedLog, startEngine } from '#adapters/embedded'
import { DurableLevel } from '#disk'
import { systemClock } from '#ports'
import type { Expectation } from '../support/faults/index.js'
import { differencesOf } from './store-differences.js'

/** The embedded mode has one partition. */
const PARTITIONS = 1
const PARTITION = 0

/** The history in a data folder whose product has stopped, read by the store's own SQL. */
export interface StoppedStore {
  readonly store: ClickHouseEventStore
  close(): Promise<void>
}

export async function openStore(dataDir: string): Promise<StoppedStore> {
  const engine = await startEngine({ dataDir: join(dataDir, 'clickhouse') })
  const { username, password, database } = engine
  const connection = new ClickHouseConnection({ url: () => engine.url(), username, password, database })
  const close = async () => {
    await connection.close()
    await engine.stop()
  }
  return { store: new ClickHouseEventStore(connection, PARTITIONS), close }
}

/** Where the store of a stopped product differs from the recount, in every unit and period and for every path. */
export async function storeDifferences(dataDir: string, expectations: readonly Expectation[]): Promise<string[]> {
  const { store, close } = await openStore(dataDir)
  try {
    const differences = await Promise.all(expectations.map((expectation) => differencesOf(store, expectation)))
    return differences.flat()
  } finally {
    await close()
  }
}

/** Does something with the log of a stopped product. */
async function withLog<T>(dataDir: string, work: (log: EmbeddedLog) => Promise<T>): Promise<T> {
  const log = await EmbeddedLog.open(join(dataDir, 'log'), 1, systemClock)
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}

/** Records in the log, those included that turned out to be repeats. */
export function recordsInLog(dataDir: string): Promise<number> {
  return withLog(dataDir, async (log) => log.end(PARTITION) - log.first(PARTITION))
}

/** Appends records that no product can have written. */
export function appendPoison(dataDir: string, site: string, sizes: readonly number[]): Promise<void> {
  return withLog(dataDir, (log) => log.append(sizes.map((size) => ({ site, bytes: randomBytes(size) }))))
}

/** As the log is cut after 14 days. */
export function cutLogInHalf(dataDir: string): Promise<void> {
  return withLog(dataDir, (log) => log.cut(PARTITION, Math.floor(log.end(PARTITION) / 2), Infinity))
}

/** Takes one flush out of the middle of the log. */
export async function makeHole(dataDir: string): Promise<void> {
  const level = await DurableLevel.open(join(dataDir, 'log'))
  const keys: string[] = []
  for await (const [key] of level.range(`${PARTITION}/`, `${PARTITION}/~`)) keys.push(key)
  await level.write([{ type: 'del', key: keys[Math.floor(keys.length / 2)] as string }])
  await level.close()
}
