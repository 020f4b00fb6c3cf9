import { GroupCommit } from '#disk'
import { partitionOf } from '#domain'
import type { EventStore, StoredEvent, StoredNumbers, StoredSpan } from '#ports'
import { civilDate } from './civil-date.js'
import { lastSealedDay } from './clickhouse-day-sealer.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS, POSITIONS } from './event.table.js'
import { COPY_SPREAD_DAYS, NUMBERS_SQL, OF_SITE, VIEWS_SQL } from './numbers.sql.js'
import { sealedParams, splitAt } from './sealed-params.js'
import { SEALED_DAYS, SEALED_PATHS } from './sealed.table.js'
import { encodeRows } from './table.js'

/** Of which partitions, `Array(UInt32)`. */
const STANDS_SQL = `SELECT log_partition, max(next) AS next FROM ${POSITIONS.name}
  WHERE log_partition IN {partitions:Array(UInt32)} GROUP BY log_partition`
/** Judged by the server itself: between a look and an insert it may be another one, made from a backup. */
const MOVE_ON_SQL = `INSERT INTO ${POSITIONS.name} (${POSITIONS.columns.map(({ name }) => name).join(', ')})
  SELECT span.1, span.3, fromUnixTimestamp64Milli(span.4)
  FROM (SELECT arrayJoin(arrayZip({partitions:Array(UInt32)}, {froms:Array(UInt64)}, {nexts:Array(UInt64)}, {ats:Array(Int64)})) AS span) AS wanted
  LEFT JOIN (${STANDS_SQL}) AS stands ON stands.log_partition = span.1
  WHERE stands.next >= span.2`
/** One insert takes the spans of all partitions that wait for it, up to about this much. */
const INSERT_BYTES = 16 * 1024 * 1024

/** What waits to be inserted; `stands` is told when it was. */
interface Insert {
  readonly span: StoredSpan
  readonly bytes: Uint8Array
  stands: number
}

/** The history of events in ClickHouse. The schema must be there. */
export class ClickHouseEventStore implements EventStore {
  private readonly inserts = new GroupCommit<Insert>((inserts) => this.insertAll(inserts), INSERT_BYTES)

  /** `partitions` as the log has them: it tells which seal is a site's. */
  constructor(
    private readonly connection: ClickHouseConnection,
    private readonly partitions: number,
  ) {}

  async position(partition: number): Promise<number> {
    return (await this.stands([partition])).get(partition) ?? 0
  }

  /**
   * Heartbeats are left out: they are in no number of the store. ClickHouse likes few large inserts, so all partitions that want
   * one at the same time share it, and its outcome.
   */
  async insert(span: StoredSpan, rows: Iterable<StoredEvent>): Promise<number> {
    const insert = { span, bytes: encodeRows(EVENTS, withoutHeartbeats(rows)), stands: 0 }
    await this.inserts.add([insert])
    return insert.stands
  }

  /**
   * The positions come last, so they never promise too much. The server may be another one, made from a backup, between the two
   * only if this process stood still for as long as that takes.
   */
  private async insertAll(inserts: readonly Insert[]): Promise<void> {
    await this.connection.insertEncoded(
      EVENTS,
      inserts.map(({ bytes }) => bytes),
    )
    const partitions = inserts.map(({ span }) => span.partition)
    await this.connection.command(MOVE_ON_SQL, {
      partitions,
      froms: inserts.map(({ span }) => span.from),
      nexts: inserts.map(({ span }) => span.next),
      ats: inserts.map(({ span }) => span.appendedAtMs),
    })
    const stands = await this.stands(partitions)
    for (const insert of inserts) insert.stands = stands.get(insert.span.partition) ?? 0
  }

  /** The position of each of the partitions that has one. */
  private async stands(partitions: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.connection.query<{ log_partition: number; next: string }>(STANDS_SQL, { partitions })
    return new Map(rows.map((row) => [row.log_partition, Number(row.next)]))
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

  async mended(damage: readonly string[], partitions: readonly number[]): Promise<boolean> {
    if (new Set(partitions).size < this.partitions) return false
    for (const part of damage) {
      const sql = `ALTER TABLE ${EVENTS.name} DROP DETACHED PART {part:String} SETTINGS allow_drop_detached = 1`
      await this.connection.command(sql, { part })
    }
    return true
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
    const sealed = await lastSealedDay(this.connection, partitionOf(siteId, this.partitions))
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
    const sealed = await lastSealedDay(this.connection, partitionOf(siteId, this.partitions))
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
