import type { DaySealer } from '#ports'
import { civilDate } from './civil-date.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { EVENTS } from './event.table.js'
import { asked, COPY_SPREAD_DAYS, dayNumbersSql, dayViewsSql, OF_PARTITION } from './numbers.sql.js'
import { SEALS } from './sealed.table.js'

/** Days of one statement, so that its time and memory have a bound whatever has gathered. */
const DAYS_AT_ONCE = 7

const SEAL_PATHS = `INSERT INTO sealed_paths (log_partition, site, day, path, views) ${dayViewsSql(asked(OF_PARTITION))}`
const SEAL_DAYS = `INSERT INTO sealed_days (log_partition, site, day, pageviews, visits, visitors)
${dayNumbersSql(asked(OF_PARTITION))}`

const NEXT_DAY = `SELECT toUInt16(min(day)) AS first, count() AS events FROM events
WHERE ${OF_PARTITION} AND type IN ('view', 'event') AND day > {after:Date} AND day <= {through:Date}`

const OLD = `${OF_PARTITION} AND day <= {through:Date}`

const SEALED_THROUGH = `SELECT toUInt16(max(through)) AS last, count() AS seals FROM seals WHERE ${OF_PARTITION}`

/** The last sealed day of a partition; null when there is none. */
export async function sealedThrough(connection: ClickHouseConnection, partition: number): Promise<number | null> {
  const [row] = await connection.query<{ last: number; seals: string }>(SEALED_THROUGH, { partition })
  return row === undefined || Number(row.seals) === 0 ? null : row.last
}

/**
 * The last sealed day of a partition, days since 1970-01-01; -1 when there is none. A day that is sealed after this was read is read
 * from its raw events, which give the same.
 */
export async function lastSealedDay(connection: ClickHouseConnection, partition: number): Promise<number> {
  return (await sealedThrough(connection, partition)) ?? -1
}

/**
 * Sealing in ClickHouse: rows first, then the one row of `seals` that makes them the truth, so that readers see a day either
 * as raw events or as its rows, whatever ends in between.
 */
export class ClickHouseDaySealer implements DaySealer {
  constructor(private readonly connection: ClickHouseConnection) {}

  sealedThrough(partition: number): Promise<number | null> {
    return sealedThrough(this.connection, partition)
  }

  async seal(partition: number, throughDay: number): Promise<void> {
    let sealed = (await this.sealedThrough(partition)) ?? -1
    while (sealed < throughDay) {
      const first = await this.nextDay(partition, sealed, throughDay)
      const last = first === null ? throughDay : Math.min(first + DAYS_AT_ONCE - 1, throughDay)
      if (first !== null) await this.sealDays(partition, first, last)
      await this.connection.insert(SEALS, [{ partition, through: last }])
      sealed = last
    }
  }

  async dropRaw(partition: number, throughDay: number): Promise<void> {
    const through = Math.min(throughDay, (await this.sealedThrough(partition)) ?? -1)
    if (through < 0) return
    const params = { partition, through: civilDate(through) }
    const found = await this.connection.query(`SELECT 1 FROM events WHERE ${OLD} LIMIT 1`, params)
    if (found.length > 0) await this.connection.remove(EVENTS.name, OLD, params)
  }

  private async nextDay(partition: number, after: number, through: number): Promise<number | null> {
    const params = { partition, after: civilDate(after), through: civilDate(through) }
    const [row] = await this.connection.query<{ first: number; events: string }>(NEXT_DAY, params)
    return row === undefined || Number(row.events) === 0 ? null : row.first
  }

  private async sealDays(partition: number, first: number, last: number): Promise<void> {
    const params = {
      partition,
      firstDay: civilDate(first),
      lastDay: civilDate(last),
      firstNear: civilDate(first - COPY_SPREAD_DAYS),
      lastNear: civilDate(last + COPY_SPREAD_DAYS),
    }
    await this.connection.command(SEAL_PATHS, params)
    await this.connection.command(SEAL_DAYS, params)
  }
}
