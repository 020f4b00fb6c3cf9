import { partitionOf } from '#domain'
import type { EventStore, StoredEvent, StoredNumbers, StoredSpan } from '#ports'
import { civilDate } from './civil-date.js'
import { sealedThroughOf } from './clickhouse-day-sealer.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS, POSITIONS } from './event.table.js'
import { COPY_SPREAD_DAYS, NUMBERS_SQL, OF_SITE, VIEWS_SQL } from './numbers.sql.js'
import { sealedParams, splitAt } from './sealed-params.js'
import { SEALED_DAYS, SEALED_PATHS } from './sealed.table.js'

/** Judged by the server itself: between a look and an insert it may be another one, made from a backup. */
const MOVE_ON_SQL = `INSERT INTO ${POSITIONS.name} (${POSITIONS.columns.map(({ name }) => name).join(', ')})
  SELECT {partition:UInt32}, {next:UInt64}, fromUnixTimestamp64Milli({appendedAtMs:Int64})
  WHERE (SELECT max(next) FROM ${POSITIONS.name} WHERE log_partition = {partition:UInt32}) >= {from:UInt64}`

/** The history of events in ClickHouse. The schema must be there. */
export class ClickHouseEventStore implements EventStore {
  /** `partitions` as the log has them: it tells which seal is a site's. */
  constructor(
    private readonly connection: ClickHouseConnection,
    private readonly partitions: number,
  ) {}

  async position(partition: number): Promise<number> {
    const sql = 'SELECT max(next) AS next FROM positions WHERE log_partition = {partition:UInt32}'
    const [row] = await this.connection.query<{ next: string }>(sql, { partition })
    return Number(row?.next ?? 0)
  }

  /** Heartbeats are left out: they are in no number of the store. The position comes last, so it never promises too much. */
  async insert(span: StoredSpan, rows: Iterable<StoredEvent>): Promise<number> {
    await this.connection.insert(EVENTS, withoutHeartbeats(rows))
    await this.connection.command(MOVE_ON_SQL, { ...span })
    return this.position(span.partition)
  }

  /** The record after the last one may have the same append time, so it is the instant before it that is whole. */
  async storedUntil(siteId: string): Promise<number | null> {
    const sql = `SELECT toUnixTimestamp64Milli(max(appended_at)) AS at, max(next) AS next FROM positions
      WHERE log_partition = {partition:UInt32}`
    const partition = partitionOf(siteId, this.partitions)
    const [row] = await this.connection.query<{ at: string; next: string }>(sql, { partition })
    return row === undefined || Number(row.next) === 0 ? null : Number(row.at) - 1
  }

  /** Parts of which ClickHouse found a file damaged when it opened them: it sets them aside and goes on without their rows. */
  async damage(): Promise<readonly string[]> {
    const sql = `SELECT name FROM system.detached_parts
      WHERE database = currentDatabase() AND table = {table:String} AND startsWith(reason, 'broken') ORDER BY name`
    const rows = await this.connection.query<{ name: string }>(sql, { table: EVENTS.name })
    return rows.map(({ name }) => name)
  }

  async mended(damage: readonly string[]): Promise<void> {
    for (const part of damage) {
      const sql = `ALTER TABLE ${EVENTS.name} DROP DETACHED PART {part:String} SETTINGS allow_drop_detached = 1`
      await this.connection.command(sql, { part })
    }
  }

  /**
   * A mutation rewrites the parts that hold the site, so the rows leave the disk (their old parts within ten minutes). Most
   * calls find nothing to do, and a mutation costs even then.
   */
  async erase(siteId: string): Promise<void> {
    for (const { name } of [EVENTS, SEALED_PATHS, SEALED_DAYS]) {
      const params = { site: siteId }
      const found = await this.connection.query(`SELECT 1 FROM ${name} WHERE ${OF_SITE} LIMIT 1`, params)
      if (found.length > 0) await this.connection.remove(name, OF_SITE, params)
    }
  }

  async numbers(siteId: string, fromDay: number, toDay: number): Promise<StoredNumbers> {
    const sealed = await sealedThroughOf(this.connection, partitionOf(siteId, this.partitions))
    const firstDay = Math.max(fromDay, sealed + 1)
    const params = {
      ...sealedParams(fromDay, Math.min(toDay, sealed)),
      site: siteId,
      firstDay: civilDate(firstDay),
      lastDay: civilDate(toDay),
      firstNear: civilDate(firstDay - COPY_SPREAD_DAYS),
      lastNear: civilDate(toDay + COPY_SPREAD_DAYS),
    }
    const [row] = await this.connection.query<Record<keyof StoredNumbers, string>>(NUMBERS_SQL, params)
    return { pageviews: Number(row?.pageviews), visits: Number(row?.visits), visitors: Number(row?.visitors) }
  }

  async views(siteId: string, paths: readonly string[]): Promise<Map<string, number>> {
    const asked = [...new Set(paths)]
    const views = new Map(asked.map((path) => [path, 0]))
    if (asked.length === 0) return views
    const sealed = await sealedThroughOf(this.connection, partitionOf(siteId, this.partitions))
    const params = { ...splitAt(sealed), site: siteId, paths: asked }
    for (const row of await this.connection.query<{ place: string; views: string }>(VIEWS_SQL, params)) {
      views.set(asked[Number(row.place) - 1] as string, Number(row.views))
    }
    return views
  }
}

function* withoutHeartbeats(rows: Iterable<StoredEvent>): Generator<StoredEvent> {
  for (const row of rows) if (row.event.type !== 'heartbeat') yield row
}
