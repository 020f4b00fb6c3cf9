import type { Site } from '#domain'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import type { SiteRow } from './registry.table.js'

const FIELDS = `id, name, hosts, time_zone AS timeZone, week_start AS weekStart, unit,
  online_window_seconds AS onlineWindowSeconds, visit_timeout_seconds AS visitTimeoutSeconds,
  page_query_keys AS pageQueryKeys, bots, excluded_addresses AS excludedAddresses`

/**
 * The row that stands for each id: of the creation that won, a tombstone if there is one, else the latest revision, and of
 * several changes to it the one that won.
 */
const latest = (where: string): string => `(
  SELECT * FROM sites WHERE ${where}
  ORDER BY id, created_at, token, deleted DESC, revision DESC, changed_at, change LIMIT 1 BY id
)`

const SITES_SQL = `SELECT ${FIELDS} FROM ${latest('1')} WHERE NOT deleted ORDER BY id`

const UNERASED_SQL = `
SELECT id AS siteId, toUnixTimestamp64Milli(changed_at) AS deletedAtMs
FROM ${latest('id IN (SELECT id FROM sites WHERE deleted)')}
WHERE deleted AND toUnixTimestamp64Milli(erased_at) = 0
ORDER BY changed_at, id`

const ROW_SQL = `
SELECT ${FIELDS}, toUnixTimestamp64Milli(created_at) AS createdAtMs, token, revision,
  toUnixTimestamp64Milli(changed_at) AS changedAtMs, change, deleted, toUnixTimestamp64Milli(erased_at) AS erasedAtMs
FROM ${latest('id = {id:String}')}`

type RowRecord = Site & Pick<SiteRow, 'token' | 'revision' | 'change' | 'deleted'> & Record<TimeColumn, string>
type TimeColumn = 'createdAtMs' | 'changedAtMs' | 'erasedAtMs'

export function liveSites(connection: ClickHouseConnection): Promise<Site[]> {
  return connection.query<Site>(SITES_SQL)
}

export async function unerasedSites(
  connection: ClickHouseConnection,
): Promise<{ readonly siteId: string; readonly deletedAtMs: number }[]> {
  const rows = await connection.query<{ siteId: string; deletedAtMs: string }>(UNERASED_SQL)
  return rows.map(({ siteId, deletedAtMs }) => ({ siteId, deletedAtMs: Number(deletedAtMs) }))
}

/** The row that stands for an id, be it a tombstone; undefined when the id was never given. */
export async function siteRow(connection: ClickHouseConnection, id: string): Promise<SiteRow | undefined> {
  const [row] = await connection.query<RowRecord>(ROW_SQL, { id })
  if (row === undefined) return undefined
  const { token, revision, change, deleted, createdAtMs, changedAtMs, erasedAtMs, ...site } = row
  return {
    site,
    token,
    revision,
    change,
    deleted,
    createdAtMs: Number(createdAtMs),
    changedAtMs: Number(changedAtMs),
    erasedAtMs: Number(erasedAtMs),
  }
}
