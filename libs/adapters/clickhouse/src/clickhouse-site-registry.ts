import { randomUUID } from 'node:crypto'
import { SITE_DEFAULTS, type Site } from '#domain'
import type { RegistryContent, SiteRegistry, StoredKey, Tombstone } from '#ports'
import type { ClickHouseConnection, SqlParams } from './clickhouse-connection.js'
import { KEYS, SITES, type SiteRow } from './registry.table.js'
import { liveSites, siteRow, unerasedSites } from './site-rows.js'

const keysSql = (where: string): string => `
SELECT id, site_id AS siteId, role, hash, toUnixTimestamp64Milli(created_at) AS createdAtMs
FROM (SELECT * FROM keys WHERE ${where} ORDER BY site_id, id, deleted DESC, created_at, hash LIMIT 1 BY site_id, id)
WHERE NOT deleted
ORDER BY site_id, id`

/** A key that another process adds to a site while it is deleted is none. */
const OF_LIVING_SITES = 'site_id NOT IN (SELECT id FROM sites WHERE deleted)'

/** Changes of another process to the same revision that may win before it is odd. */
const MOST_TRIES = 5

type KeyRecord = Omit<StoredKey, 'createdAtMs'> & { readonly createdAtMs: string }

/**
 * Sites and keys as rows of ClickHouse. ClickHouse has no uniqueness: of two creations of one id the smallest (createdAt,
 * token) wins, of two changes to one revision the smallest (changedAt, change), and each is read again before it is called
 * a success. Within one process they go one after another, so there none meets another.
 */
export class ClickHouseSiteRegistry implements SiteRegistry {
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly connection: ClickHouseConnection) {}

  async load(): Promise<RegistryContent> {
    const [sites, keys] = await Promise.all([liveSites(this.connection), this.keys(OF_LIVING_SITES)])
    return { sites, keys }
  }

  createSite(site: Site, nowMs: number): Promise<boolean> {
    return this.inTurn(async () => {
      if ((await siteRow(this.connection, site.id)) !== undefined) return false
      const token = randomUUID()
      const times = { createdAtMs: nowMs, changedAtMs: nowMs, erasedAtMs: 0 }
      await this.add({ site, token, revision: 1, change: randomUUID(), deleted: false, ...times })
      return (await siteRow(this.connection, site.id))?.token === token
    })
  }

  updateSite(siteId: string, change: (site: Site) => Site, nowMs: number): Promise<Site | null> {
    return this.inTurn(async () => {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const row = await siteRow(this.connection, siteId)
        if (row === undefined || row.deleted) return null
        const changed = nextRevision(row, change(row.site), nowMs)
        await this.add(changed)
        const standing = await siteRow(this.connection, siteId)
        if (standing?.deleted !== false) return null
        // A later revision was made on top of the one that won at ours, so ours may be in it or not: once more does no harm.
        if (standing.change === changed.change) return changed.site
      }
      throw new Error(`The site ${siteId} is being changed by too many at once.`)
    })
  }

  deleteSite(siteId: string, nowMs: number): Promise<boolean> {
    return this.inTurn(async () => {
      const row = await siteRow(this.connection, siteId)
      if (row === undefined || row.deleted) return false
      await this.add({ ...nextRevision(row, { id: siteId, ...SITE_DEFAULTS }, nowMs), deleted: true })
      return true
    })
  }

  unerased(): Promise<readonly Tombstone[]> {
    return unerasedSites(this.connection)
  }

  finishErasure(siteId: string, nowMs: number): Promise<void> {
    return this.inTurn(async () => {
      const row = await siteRow(this.connection, siteId)
      if (row?.deleted !== true || row.erasedAtMs > 0) return
      await this.connection.remove(KEYS.name, 'site_id = {siteId:String}', { siteId })
      await this.connection.remove(SITES.name, 'id = {siteId:String} AND NOT deleted', { siteId })
      await this.add({ ...nextRevision(row, row.site, nowMs), erasedAtMs: nowMs })
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

  private async add(row: SiteRow): Promise<void> {
    await this.connection.insert(SITES, [row])
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

function nextRevision(row: SiteRow, site: Site, nowMs: number): SiteRow {
  return { ...row, site, revision: row.revision + 1, changedAtMs: nowMs, change: randomUUID() }
}
