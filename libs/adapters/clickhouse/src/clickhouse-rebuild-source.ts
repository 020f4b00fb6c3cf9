import {
  type AppendedEvent,
  type DayNumbers,
  type Event,
  NO_EVENT_FACTS,
  type StoredTail,
  type ViewsDelta,
} from '#domain'
import type { RebuildSource } from '#ports'
import { civilDate } from './civil-date.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { OF_PARTITION } from './numbers.sql.js'

const OFFSETS_AT_ONCE = 20_000
const PATHS_AT_ONCE = 20_000

const SINCE = 'appended_at >= fromUnixTimestamp64Milli({since:Int64})'
const TAIL = `SELECT maxOrNullIf(log_offset, NOT (${SINCE})) AS lastBefore,
  toUnixTimestamp64Milli(maxIf(appended_at, NOT (${SINCE}))) AS lastAppendedAtMs,
  minOrNullIf(log_offset, ${SINCE}) AS firstSince,
  (SELECT countIf(${SINCE}) > 0 FROM positions WHERE ${OF_PARTITION}) AS isReached
FROM events WHERE ${OF_PARTITION} AND log_offset >= {first:UInt64}`

const SEALED_DAYS = `SELECT site, toUInt16(day) AS dayNumber, pageviews, visits, visitors FROM sealed_days FINAL
WHERE ${OF_PARTITION} AND day <= {through:Date}`

const SEALED_VIEWS = `SELECT site, path, sum(views) AS delta FROM sealed_paths FINAL
WHERE ${OF_PARTITION} AND day <= {through:Date} AND (site, path) > ({site:String}, {path:String})
GROUP BY site, path ORDER BY site, path LIMIT ${PATHS_AT_ONCE}`

const OPEN = `${OF_PARTITION} AND type IN ('view', 'event') AND day > {after:Date} AND log_offset < {before:UInt64}`
const FIRST_OPEN = `SELECT min(log_offset) AS offset, count() AS rows FROM events WHERE ${OPEN}`

const EVENTS = `SELECT type, site, hex(id) AS id, toUnixTimestamp64Milli(id_at) AS idAtMs,
  toUnixTimestamp64Milli(received_at) AS receivedAtMs, toUnixTimestamp64Milli(appended_at) AS appendedAtMs,
  toUnixTimestamp(t) AS t, toUInt16(day) AS dayNumber, leftPad(hex(visitor), 16, '0') AS visitor,
  leftPad(hex(online_id), 16, '0') AS onlineId, visit_timeout AS visitTimeout, entry, path
FROM events WHERE ${OPEN} AND log_offset >= {from:UInt64} AND log_offset < {to:UInt64}
ORDER BY log_offset`

/** 64-bit numbers come as text. */
type Numbers<K extends string> = Readonly<Record<K, string>>

interface EventRow extends Numbers<'id' | 'site' | 'path' | 'idAtMs' | 'receivedAtMs' | 'appendedAtMs'> {
  readonly type: Event['type']
  readonly t: number
  readonly dayNumber: number
  readonly visitor: string | null
  readonly onlineId: string | null
  readonly visitTimeout: number
  readonly entry: boolean
}

/** Sealed rows and raw events for a rebuild, in pages: every statement is small, whatever the history. */
export class ClickHouseRebuildSource implements RebuildSource {
  constructor(private readonly connection: ClickHouseConnection) {}

  async tail(partition: number, firstOffset: number, sinceMs: number): Promise<StoredTail> {
    type Row = Readonly<Record<'lastBefore' | 'firstSince', string | null>> &
      Numbers<'lastAppendedAtMs'> & { readonly isReached: 0 | 1 }
    const [row] = await this.connection.query<Row>(TAIL, { partition, first: firstOffset, since: Math.max(0, sinceMs) })
    const last = offsetOf(row?.lastBefore)
    const lastBefore = last === null ? null : { offset: last, appendedAtMs: Number(row?.lastAppendedAtMs) }
    return { lastBefore, firstSince: offsetOf(row?.firstSince), isReached: row?.isReached === 1 }
  }

  async sealedDays(partition: number, throughDay: number): Promise<readonly DayNumbers[]> {
    if (throughDay < 0) return []
    type Row = Numbers<'pageviews' | 'visits' | 'visitors'> & { readonly site: string; readonly dayNumber: number }
    const rows = await this.connection.query<Row>(SEALED_DAYS, { partition, through: civilDate(throughDay) })
    return rows.map(({ site, dayNumber, pageviews, visits, visitors }) => ({
      site,
      day: dayNumber,
      pageviews: Number(pageviews),
      visits: Number(visits),
      visitors: Number(visitors),
    }))
  }

  async *sealedViews(partition: number, throughDay: number): AsyncIterable<readonly ViewsDelta[]> {
    if (throughDay < 0) return
    const params = { partition, through: civilDate(throughDay) }
    for (let site = '', path = '', more = true; more;) {
      const rows = await this.connection.query<Numbers<'site' | 'path' | 'delta'>>(SEALED_VIEWS, {
        ...params,
        site,
        path,
      })
      yield rows.map((row) => ({ site: row.site, path: row.path, delta: Number(row.delta) }))
      more = rows.length === PATHS_AT_ONCE
      ;({ site, path } = rows.at(-1) ?? { site, path })
    }
  }

  async *events(partition: number, afterDay: number, beforeOffset: number): AsyncIterable<readonly AppendedEvent[]> {
    const open = { partition, after: civilDate(afterDay), before: beforeOffset }
    const [first] = await this.connection.query<Numbers<'offset' | 'rows'>>(FIRST_OPEN, open)
    if (first === undefined || first.rows === '0') return
    for (let from = Number(first.offset); from < beforeOffset; from += OFFSETS_AT_ONCE) {
      const rows = await this.connection.query<EventRow>(EVENTS, { ...open, from, to: from + OFFSETS_AT_ONCE })
      yield rows.map((row) => ({ event: eventOf(row), appendedAtMs: Number(row.appendedAtMs) }))
    }
  }
}

/** Without facts: they are for statistics, and the reducer does not look at them. */
function eventOf(row: EventRow): Event {
  const { type, site, t, dayNumber, visitTimeout, entry, path } = row
  return {
    type,
    site,
    id: bytesOf(row.id),
    idAtMs: Number(row.idAtMs),
    receivedAtMs: Number(row.receivedAtMs),
    t,
    day: dayNumber,
    visitor: row.visitor === null ? null : bytesOf(row.visitor),
    onlineId: row.onlineId === null ? null : bytesOf(row.onlineId),
    visitTimeout,
    entry,
    path,
    facts: NO_EVENT_FACTS,
  }
}

function offsetOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text)
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}
