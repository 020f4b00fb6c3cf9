import type { Site } from '#domain'
import type { StoredKey } from '#ports'
import { DURABLE } from './event.table.js'
import { flag, millis, text, texts, uint16, uint32, word } from './table.js'
import type { Table } from './table.js'

/**
 * One state of a site. A change is a row with the next revision, a deletion one with `deleted`, which stays for ever; all
 * else of a deleted site goes when it is erased. The first revision's time and token name the creation; of several
 * creations of one id the smallest (createdAt, token) is the site, and the others never were. Of several changes
 * to one revision the smallest (changedAt, change) is the one, and the others are made again.
 */
export interface SiteRow {
  readonly site: Site
  readonly createdAtMs: number
  readonly token: string
  readonly revision: number
  readonly changedAtMs: number
  /** Random; tells the changes to one revision apart. */
  readonly change: string
  readonly deleted: boolean
  /** Of a deleted site: when all of it was erased; 0 = not yet. */
  readonly erasedAtMs: number
}

export const SITES: Table<SiteRow> = {
  name: 'sites',
  columns: [
    text('id', (row) => row.site.id),
    text('name', (row) => row.site.name),
    texts('hosts', (row) => row.site.hosts),
    word('time_zone', (row) => row.site.timeZone),
    word('week_start', (row) => row.site.weekStart),
    word('unit', (row) => row.site.unit),
    uint16('online_window_seconds', (row) => row.site.onlineWindowSeconds),
    uint16('visit_timeout_seconds', (row) => row.site.visitTimeoutSeconds),
    texts('page_query_keys', (row) => row.site.pageQueryKeys),
    word('bots', (row) => row.site.bots),
    texts('excluded_addresses', (row) => row.site.excludedAddresses),
    millis('created_at', (row) => row.createdAtMs),
    text('token', (row) => row.token),
    uint32('revision', (row) => row.revision),
    millis('changed_at', (row) => row.changedAtMs),
    text('change', (row) => row.change),
    flag('deleted', (row) => row.deleted),
    millis('erased_at', (row) => row.erasedAtMs),
  ],
  storage: `ENGINE = ReplacingMergeTree ORDER BY (id, created_at, token, revision, change) SETTINGS ${DURABLE}`,
}

/** A key, or its removal; a removed key never comes back. */
export interface KeyRow {
  readonly key: StoredKey
  readonly changedAtMs: number
  readonly deleted: boolean
}

export const KEYS: Table<KeyRow> = {
  name: 'keys',
  columns: [
    text('site_id', (row) => row.key.siteId),
    text('id', (row) => row.key.id),
    word('role', (row) => row.key.role),
    text('hash', (row) => row.key.hash),
    millis('created_at', (row) => row.key.createdAtMs),
    millis('changed_at', (row) => row.changedAtMs),
    flag('deleted', (row) => row.deleted),
  ],
  storage: `ENGINE = ReplacingMergeTree ORDER BY (site_id, id, created_at, hash, deleted) SETTINGS ${DURABLE}`,
}
