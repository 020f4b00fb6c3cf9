import type { StoredEvent } from '#ports'
import { date, fixed, flag, hash, millis, seconds, text, uint16, uint32, uint64, word } from './table.js'
import type { Table } from './table.js'

/** An acknowledged insert survives a power cut. */
export const DURABLE = 'fsync_after_insert = 1, fsync_part_directory = 1'

/**
 * The events. Their sort key is fixed at an event's creation, so all copies meet there and the one with the lowest
 * offset stays. A leave is no copy of a view that carries its id: ids of leaves are not checked (contract section 1,
 * Counted event). Copies whose `id_at` differs do not meet; queries take the lowest offset of an id themselves.
 */
export const EVENTS: Table<StoredEvent> = {
  name: 'events',
  columns: [
    word('site', (row) => row.event.site),
    millis('id_at', (row) => row.event.idAtMs),
    fixed('id', 16, (row) => row.event.id),
    word('type', (row) => row.event.type),
    millis('received_at', (row) => row.event.receivedAtMs),
    millis('appended_at', (row) => row.appendedAtMs),
    seconds('t', (row) => row.event.t),
    date('day', (row) => row.event.day),
    hash('visitor', (row) => row.event.visitor),
    hash('online_id', (row) => row.event.onlineId),
    uint16('visit_timeout', (row) => row.event.visitTimeout),
    flag('entry', (row) => row.event.entry),
    text('path', (row) => row.event.path),
    word('host', (row) => row.event.facts.host),
    text('title', (row) => row.event.facts.title),
    word('referrer_host', (row) => row.event.facts.referrerHost),
    word('language', (row) => row.event.facts.language),
    word('zone', (row) => row.event.facts.zone),
    uint16('width', (row) => row.event.facts.width),
    word('country', (row) => row.event.facts.country),
    word('browser', (row) => row.event.facts.browser),
    word('system', (row) => row.event.facts.system),
    word('device', (row) => row.event.facts.device),
    flag('bot', (row) => row.event.facts.bot),
    word('name', (row) => row.event.facts.name),
    text('props', (row) => row.event.facts.props),
    uint16('engaged_seconds', (row) => row.event.facts.engagedSeconds),
    uint32('log_partition', (row) => row.partition),
    uint64('log_offset', (row) => row.offset),
  ],
  derived: [
    'version UInt64 MATERIALIZED bitNot(log_offset)',
    'INDEX days day TYPE minmax GRANULARITY 1',
    'INDEX offsets log_offset TYPE minmax GRANULARITY 1',
    'INDEX appends appended_at TYPE minmax GRANULARITY 1',
  ],
  storage: `ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYear(id_at)
    ORDER BY (site, id_at, id, type = 'leave')
    SETTINGS ${DURABLE}`,
}

/** How far the log is stored; only ever moves on, so a late row of an abandoned insert cannot take it back. */
export interface Position {
  readonly partition: number
  readonly next: number
  /** Of the record before `next`, ms. */
  readonly appendedAtMs: number
}

export const POSITIONS: Table<Position> = {
  name: 'positions',
  columns: [
    uint32('log_partition', (row) => row.partition),
    uint64('next', (row) => row.next),
    millis('appended_at', (row) => row.appendedAtMs),
  ],
  storage: `ENGINE = ReplacingMergeTree(next) ORDER BY log_partition SETTINGS ${DURABLE}`,
}
