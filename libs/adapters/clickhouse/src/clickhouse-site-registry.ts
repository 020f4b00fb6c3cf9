import { randomUUID } from 'node:crypto'
import type { Site } from '#domain'
import type { RegistryContent, SiteRegistry, StoredKey } from '#ports'
import type { ClickHouseConnection, SqlParams } from './clickhouse-connection.js'
import { KEYS, SITES } from './registry.table.js'

/** The latest revision of the creation that won, of each id. */
const SITES_SQL = `
SELECT id, name, hosts, time_zone AS timeZone, week_start AS weekStart, unit,
  online_window_seconds AS onlineWindowSeconds, visit_timeout_seconds AS visitTimeoutSeconds,
  page_query_keys AS pageQueryKeys, bots, excluded_addresses AS excludedAddresses
FROM (SELECT * FROM sites ORDER BY id, created_at, token, revision DESC LIMIT 1 BY id)
WHERE NOT deleted
ORDER BY id`

const keysSql = (where: string): string => `
SELECT id, site_id AS siteId, role, hash, toUnixTimestamp64Milli(created_at) AS createdAtMs
FROM (SELECT * FROM keys WHERE ${where} ORDER BY site_id, id, deleted DESC, created_at, hash LIMIT 1 BY site_id, id)
WHERE NOT deleted
ORDER BY site_id, id`

const CREATION_SQL = 'SELECT token FROM sites WHERE id = {id:String} ORDER BY created_at, token LIMIT 1'

type KeyRecord = Omit<StoredKey, 'createdAtMs'> & { readonly createdAtMs: string }

/**
 * Sites and keys as rows of ClickHouse that are only ever added. ClickHouse has no uniqueness: of two creations of
 * one id the smallest (createdAt, token) wins, and each is read again before it is called a success. Within one
 * process creations go one after another, so there exactly one succeeds.
 */
export class ClickHouseSiteRegistry implements SiteRegistry {
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly connection: ClickHouseConnection) {}

  async load(): Promise<RegistryContent> {
    const [sites, keys] = await Promise.all([this.connection.query<Site>(SITES_SQL), this.keys('1')])
    return { sites, keys }
  }

  createSite(site: Site, nowMs: number): Promise<boolean> {
    return this.inTurn(async () => {
      if ((await this.creation(site.id)) !== undefined) return false
      const token = randomUUID()
      const row = { site, createdAtMs: nowMs, token, revision: 1, changedAtMs: nowMs, deleted: false }
      await this.connection.insert(SITES, [row])
      return (await this.creation(site.id)) === token
    })
  }

  async addKey(key: StoredKey): Promise<void> {
    await this.connection.insert(KEYS, [{ key, changedAtMs: key.createdAtMs, deleted: false }])
  }

  removeKey(siteId: string, keyId: string, nowMs: number): Promise<boolean> {
    return this.inTurn(async () => {
      const [key] = await this.keys('site_id = {siteId:String} AND id = {keyId:String}', { siteId, keyId })
      if (key === undefined) return false
      await this.connection.insert(KEYS, [{ key, changedAtMs: nowMs, deleted: true }])
      return true
    })
  }

  /** Token of the creation that gave the id to a site, be it deleted since. */
  private async creation(id: string): Promise<string | undefined> {
    const [row] = await this.connection.query<{ token: string }>(CREATION_SQL, { id })
    return row?.token
  }

  private async keys(where: string, params: SqlParams = {}): Promise<StoredKey[]> {
    const rows = await this.connection.query<KeyRecord>(keysSql(where), params)
    return rows.map(({ id, siteId, role, hash, createdAtMs }) => ({
      id,
      siteId,
      role,
      hash,
      createdAtMs: Number(createdAtMs),
    }))
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.catch(() => {})
    return mine
  }
}
