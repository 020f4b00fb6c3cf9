import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ClickHouseConnection, ClickHouseEventStore } from '#adapters/clickhouse'
import { EmbeddedLog, startEngine } from '#adapters/embedded'
import { DurableLevel } from '#disk'
import { systemClock } from '#ports'
import type { Expectation } from '../support/faults/index.js'
import { unequal } from '../support/faults/index.js'
import type { DayNumbers } from '../support/recount/index.js'
import { monthOf, weekOf, yearOf } from '../support/recount/index.js'

/** The embedded mode has one partition. */
const PARTITIONS = 1
const PARTITION = 0
const DAY_MS = 86_400_000
const LAST_DAY = 0xffff

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

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY_MS

/** Every day, week, month, year and everything: the first and last day of each, and its numbers by the recount. */
function spansOf({ site, recounted }: Expectation): Map<string, { from: number; to: number; numbers: DayNumbers }> {
  const spans = new Map<string, { from: number; to: number; numbers: DayNumbers }>()
  for (const [day, numbers] of recounted.days) {
    const names = [
      day,
      `week of ${weekOf(day, site.weekStart)}`,
      `month ${monthOf(day)}`,
      `year ${yearOf(day)}`,
      'total',
    ]
    for (const name of names) {
      const span = spans.get(name) ?? { from: dayNumber(day), to: 0, numbers: { pageviews: 0, visits: 0, visitors: 0 } }
      spans.set(name, { from: span.from, to: dayNumber(day), numbers: sum(span.numbers, numbers) })
    }
  }
  const total = spans.get('total')
  return total === undefined ? spans : spans.set('total', { ...total, from: 0, to: LAST_DAY })
}

function sum(a: DayNumbers, b: DayNumbers): DayNumbers {
  return { pageviews: a.pageviews + b.pageviews, visits: a.visits + b.visits, visitors: a.visitors + b.visitors }
}

async function differencesOf(store: ClickHouseEventStore, expectation: Expectation): Promise<string[]> {
  const { site, recounted } = expectation
  const differences: string[] = []
  for (const [name, { from, to, numbers }] of spansOf(expectation)) {
    const stored = await store.numbers(site.id, from, to)
    const what = `store ${site.id} ${name}`
    differences.push(...unequal(what, new Map(Object.entries(stored)), new Map(Object.entries(numbers))))
  }
  const views = await store.views(site.id, [...recounted.views.keys()])
  return [...differences, ...unequal(`store views ${site.id}`, views, recounted.views)]
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
