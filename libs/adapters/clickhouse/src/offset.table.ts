import type { OffsetCommit } from '#ports'
import { DURABLE } from './event.table.js'
import { millis, text, uint16, uint32 } from './table.js'
import type { Table } from './table.js'

/** A commit on its way in. `token` tells it from another that was added to the same revision. */
export interface OffsetCommitRow {
  readonly commit: OffsetCommit
  readonly token: string
}

/**
 * One row a commit, its lines as JSON in one column: a row is there whole or not at all, however many lines it has. Rows are
 * only ever added, so the table is the audit trail too.
 */
export const OFFSET_COMMITS: Table<OffsetCommitRow> = {
  name: 'offset_commits',
  columns: [
    text('site_id', (row) => row.commit.siteId),
    uint32('revision', (row) => row.commit.revision),
    millis('at', (row) => row.commit.atMs),
    text('token', (row) => row.token),
    text('made_by', (row) => row.commit.by),
    uint16('day', (row) => row.commit.day),
    text('lines', (row) => JSON.stringify(row.commit.lines), 'String CODEC(ZSTD(1))'),
    text('reverses', (row) => row.commit.reverses ?? ''),
    text('idempotency_key', (row) => row.commit.idempotency?.key ?? ''),
    text('body_hash', (row) => row.commit.idempotency?.bodyHash ?? ''),
  ],
  storage: `ENGINE = MergeTree ORDER BY (site_id, revision, at, token)
    SETTINGS ${DURABLE}, non_replicated_deduplication_window = 10000`,
}
