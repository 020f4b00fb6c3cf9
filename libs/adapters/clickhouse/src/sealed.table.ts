import type { DayNumbers } from '#domain'
import { DURABLE } from './event.table.js'
import { date, text, uint32, uint64, word } from './table.js'
import type { Table } from './table.js'

/** What a sealed day is in the tables: the statement that seals writes rows of these columns. */
interface SealedRow extends DayNumbers {
  readonly partition: number
}

interface SealedPath {
  readonly partition: number
  readonly site: string
  readonly day: number
  readonly path: string
  readonly views: number
}

/** Sealed twice is the same row twice, of which one stays. A row counts only when its day is within `SEALS`. */
export const SEALED_DAYS: Table<SealedRow> = {
  name: 'sealed_days',
  columns: [
    uint32('log_partition', (row) => row.partition),
    word('site', (row) => row.site),
    date('day', (row) => row.day),
    uint64('pageviews', (row) => row.pageviews),
    uint64('visits', (row) => row.visits),
    uint64('visitors', (row) => row.visitors),
  ],
  storage: `ENGINE = ReplacingMergeTree ORDER BY (site, day) SETTINGS ${DURABLE}`,
}

export const SEALED_PATHS: Table<SealedPath> = {
  name: 'sealed_paths',
  columns: [
    uint32('log_partition', (row) => row.partition),
    word('site', (row) => row.site),
    date('day', (row) => row.day),
    text('path', (row) => row.path),
    uint64('views', (row) => row.views),
  ],
  storage: `ENGINE = ReplacingMergeTree ORDER BY (site, path, day) SETTINGS ${DURABLE}`,
}

/** The one row that switches: up to and with `through` a partition's days are their sealed rows. Never goes back. */
export interface Seal {
  readonly partition: number
  readonly through: number
}

export const SEALS: Table<Seal> = {
  name: 'seals',
  columns: [uint32('log_partition', (row) => row.partition), date('through', (row) => row.through)],
  storage: `ENGINE = ReplacingMergeTree(through) ORDER BY log_partition SETTINGS ${DURABLE}`,
}
