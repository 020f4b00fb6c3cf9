import { type DayNumbers, partitionOf, type StoreCut } from '#domain'
import type { RecountSource } from '#ports'
import { lastSealedDay } from './clickhouse-day-sealer.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { DAYS_BEFORE_SQL, pathsAfterSql, SITES_SQL, VIEWS_BEFORE_SQL } from './numbers.sql.js'
import { splitAt } from './sealed-params.js'

const PATHS_AT_ONCE = 1000
const PATHS_AFTER_SQL = pathsAfterSql(PATHS_AT_ONCE)

/** The numbers at a cut: sealed rows of what was closed there, raw events of the rest. One site a statement, as events lie. */
export class ClickHouseRecountSource implements RecountSource {
  /** `partitions` as the log has them: it tells which seal is a site's. */
  constructor(
    private readonly connection: ClickHouseConnection,
    private readonly partitions: number,
  ) {}

  async sites(partition: number): Promise<readonly string[]> {
    const params = { ...splitAt(await lastSealedDay(this.connection, partition)), partition }
    const rows = await this.connection.query<{ site: string }>(SITES_SQL, params)
    return rows.map(({ site }) => site)
  }

  async days(siteId: string, cut: StoreCut): Promise<readonly DayNumbers[]> {
    type Row = Record<'pageviews' | 'visits' | 'visitors', string> & { readonly dayNumber: number }
    const params = { ...(await this.splitOf(siteId, cut)), site: siteId, before: cut.before }
    const rows = await this.connection.query<Row>(DAYS_BEFORE_SQL, params)
    return rows.map(({ dayNumber, pageviews, visits, visitors }) => ({
      site: siteId,
      day: dayNumber,
      pageviews: Number(pageviews),
      visits: Number(visits),
      visitors: Number(visitors),
    }))
  }

  async pathsAfter(siteId: string, path: string): Promise<readonly string[]> {
    const params = { ...(await this.splitOf(siteId)), site: siteId, path }
    const rows = await this.connection.query<{ path: string }>(PATHS_AFTER_SQL, params)
    return rows.map((row) => row.path)
  }

  async viewsAt(siteId: string, paths: readonly string[], cut: StoreCut): Promise<ReadonlyMap<string, number>> {
    const views = new Map(paths.map((path) => [path, 0]))
    if (paths.length === 0) return views
    const params = { ...(await this.splitOf(siteId, cut)), site: siteId, paths, before: cut.before }
    for (const row of await this.connection.query<{ place: string; views: string }>(VIEWS_BEFORE_SQL, params)) {
      views.set(paths[Number(row.place) - 1] as string, Number(row.views))
    }
    return views
  }

  private async splitOf(siteId: string, cut?: StoreCut) {
    const sealed = await lastSealedDay(this.connection, partitionOf(siteId, this.partitions))
    return splitAt(Math.min(sealed, cut?.closedThrough ?? sealed))
  }
}
