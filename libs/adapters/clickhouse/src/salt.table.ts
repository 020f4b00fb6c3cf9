import { DURABLE } from './event.table.js'
import { date, millis, text } from './table.js'
import type { Table } from './table.js'

/** A salt of one calendar date. Of several of one day the smallest (createdAt, salt) is the salt. */
export interface SaltRow {
  readonly day: number
  readonly createdAtMs: number
  /** 64 lower-case hex characters. */
  readonly salt: string
}

/**
 * One partition a day, so that a salt is destroyed by dropping it, files and all; parts that a merge replaced or a reader
 * still held go within seconds. Only the column itself holds the salt: it is in no key and no index. A backup must leave this
 * table out, or destroyed salts would live on in it.
 */
export const DAILY_SALTS: Table<SaltRow> = {
  name: 'salts',
  columns: [
    date('day', (row) => row.day),
    millis('created_at', (row) => row.createdAtMs),
    text('salt', (row) => row.salt, 'String CODEC(NONE)'),
  ],
  storage: `ENGINE = MergeTree
    PARTITION BY day
    ORDER BY created_at
    SETTINGS ${DURABLE}, old_parts_lifetime = 10, non_replicated_deduplication_window = 100`,
}
