import { ClickHouseConnection, ClickHouseEventStore } from '#adapters/clickhouse'
import { EVENT_PARTITIONS } from '#adapters/kafka'
import type { Expectation } from '../support/faults/index.js'
import { unequal } from '../support/faults/index.js'
import type { Cluster } from '../support/harness/index.js'
import type { DayNumbers } from '../support/recount/index.js'
import { monthOf, weekOf, yearOf } from '../support/recount/index.js'

const DAY_MS = 86_400_000
const LAST_DAY = 0xffff

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

/** Where the store differs from the recount of a site, in every unit and period and for every path. */
export async function differencesOf(store: ClickHouseEventStore, expectation: Expectation): Promise<string[]> {
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

/** Rows of a view as `a b c: n` by their first columns. */
async function rowsOf({ servers, database }: Cluster, sql: string): Promise<Map<string, number>> {
  const text = await servers.clickhouse.query(`${sql} FORMAT JSONCompactStringsEachRow`, database)
  const rows = text.split('\n').filter(Boolean)
  return new Map(
    rows.map((row) => JSON.parse(row) as string[]).map((row) => [row.slice(0, -1).join(' '), Number(row.at(-1))]),
  )
}

const UNITS = ['pageviews', 'visits', 'visitors'] as const

/** Where the views `site_days` and `path_views`, which hold the rows of all sites, differ from the recount; rows too many as well. */
async function viewDifferences(cluster: Cluster, expectations: readonly Expectation[]): Promise<string[]> {
  const days = new Map<string, number>()
  const paths = new Map<string, number>()
  for (const { site, recounted } of expectations) {
    for (const [day, numbers] of recounted.days)
      for (const unit of UNITS) if (numbers[unit] > 0) days.set(`${site.id} ${day} ${unit}`, numbers[unit])
    for (const [path, views] of recounted.views) if (views > 0) paths.set(`${site.id} ${path}`, views)
  }
  const unit = "arrayJoin([('pageviews', pageviews), ('visits', visits), ('visitors', visitors)])"
  const daysShown = await rowsOf(cluster, `SELECT site, day, (${unit} AS one).1, one.2 FROM site_days WHERE one.2 > 0`)
  const pathsShown = await rowsOf(cluster, 'SELECT site, path, views FROM path_views WHERE views > 0')
  return [...bothWays('site_days', daysShown, days), ...bothWays('path_views', pathsShown, paths)]
}

function bothWays(what: string, shown: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): string[] {
  const tooMany = [...shown.keys()].filter((name) => !expected.has(name))
  return [...unequal(what, shown, expected), ...tooMany.map((name) => `${what} ${name}: nobody did that`)]
}

/** Where the store of a running cluster differs from the recount, by the store's own SQL and by its views. */
export async function clusterStoreDifferences(
  cluster: Cluster,
  expectations: readonly Expectation[],
): Promise<string[]> {
  const { url, user: username, password } = cluster.servers.clickhouse
  const connection = new ClickHouseConnection({ url, username, password, database: cluster.database })
  const store = new ClickHouseEventStore(connection, EVENT_PARTITIONS)
  try {
    const differences = await Promise.all(expectations.map((expectation) => differencesOf(store, expectation)))
    return [...differences.flat(), ...(await viewDifferences(cluster, expectations))]
  } finally {
    await connection.close()
  }
}
