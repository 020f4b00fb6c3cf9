import type { EventStore, StoredEvent, StoredNumbers } from '#ports'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS, POSITIONS } from './event.table.js'
import { COPY_SPREAD_DAYS, NUMBERS_SQL, VIEWS_SQL } from './numbers.sql.js'

const DAY_MS = 86_400_000
const LAST_DAY = 0xffff

/** The history of events in ClickHouse. The schema must be there. */
export class ClickHouseEventStore implements EventStore {
  constructor(private readonly connection: ClickHouseConnection) {}

  async position(partition: number): Promise<number> {
    const sql = 'SELECT max(next) AS next FROM positions WHERE log_partition = {partition:UInt32}'
    const [row] = await this.connection.query<{ next: string }>(sql, { partition })
    return Number(row?.next ?? 0)
  }

  /** Heartbeats are left out: they are in no number of the store. The position comes last, so it never promises too much. */
  async insert(partition: number, rows: Iterable<StoredEvent>, next: number): Promise<void> {
    await this.connection.insert(EVENTS, withoutHeartbeats(rows))
    await this.connection.insert(POSITIONS, [{ partition, next }])
  }

  async numbers(siteId: string, fromDay: number, toDay: number): Promise<StoredNumbers> {
    const params = {
      site: siteId,
      fromDay: civil(fromDay),
      toDay: civil(toDay),
      firstNear: civil(fromDay - COPY_SPREAD_DAYS),
      lastNear: civil(toDay + COPY_SPREAD_DAYS),
    }
    const [row] = await this.connection.query<Record<keyof StoredNumbers, string>>(NUMBERS_SQL, params)
    return { pageviews: Number(row?.pageviews), visits: Number(row?.visits), visitors: Number(row?.visitors) }
  }

  async views(siteId: string, paths: readonly string[]): Promise<Map<string, number>> {
    const asked = [...new Set(paths)]
    const views = new Map(asked.map((path) => [path, 0]))
    if (asked.length === 0) return views
    const params = { site: siteId, paths: asked }
    for (const row of await this.connection.query<{ place: string; views: string }>(VIEWS_SQL, params)) {
      views.set(asked[Number(row.place) - 1] as string, Number(row.views))
    }
    return views
  }
}

function* withoutHeartbeats(rows: Iterable<StoredEvent>): Generator<StoredEvent> {
  for (const row of rows) if (row.event.type !== 'heartbeat') yield row
}

/** `YYYY-MM-DD` of a day number, the nearest one that the store's dates can hold. */
const civil = (day: number): string =>
  new Date(Math.min(Math.max(day, 0), LAST_DAY) * DAY_MS).toISOString().slice(0, 10)
