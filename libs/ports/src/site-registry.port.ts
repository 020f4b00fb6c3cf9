import type { Site } from '#domain'

export type KeyRole = 'admin' | 'owner' | 'read' | 'ingest'

/** A bearer key as it is kept: only the hash of what the owner was shown once. */
export interface StoredKey {
  readonly id: string
  readonly siteId: string
  readonly role: Exclude<KeyRole, 'admin'>
  /** SHA-256 of the key text, 64 lower-case hex characters. */
  readonly hash: string
  readonly createdAtMs: number
}

export interface RegistryContent {
  readonly sites: readonly Site[]
  readonly keys: readonly StoredKey[]
}

/** A deleted site: its id is kept for ever, so that it is never given again; all else of it is to be erased. */
export interface Tombstone {
  readonly siteId: string
  readonly deletedAtMs: number
}

/** Durable rows of sites and keys, shared by all processes. */
export interface SiteRegistry {
  /** Everything that is not deleted. Rejects when the registry cannot be read. */
  load(): Promise<RegistryContent>
  /** Creates the site unless its id exists or ever existed; resolves to whether it was created, durably. */
  createSite(site: Site, nowMs: number): Promise<boolean>
  /**
   * Makes the site what `change` makes of its latest state; resolves to that, durably, or to null when there is no such site.
   * Changes go one after another within a process; one that was overtaken by another process is made again on the
   * other's outcome, which takes clocks that agree to within the time of a write.
   */
  updateSite(siteId: string, change: (site: Site) => Site, nowMs: number): Promise<Site | null>
  /** Leaves a tombstone in the site's place and takes its keys back; resolves to whether there was such a site. */
  deleteSite(siteId: string, nowMs: number): Promise<boolean>
  /** The deleted sites whose erasure was not finished, longest deleted first. */
  unerased(): Promise<readonly Tombstone[]>
  /** Notes that everything of a deleted site is erased elsewhere, and erases what the registry itself still has of it. */
  finishErasure(siteId: string, nowMs: number): Promise<void>
  addKey(key: StoredKey): Promise<void>
  removeKey(siteId: string, keyId: string, nowMs: number): Promise<boolean>
}
export const SITE_REGISTRY = Symbol('SiteRegistry')
