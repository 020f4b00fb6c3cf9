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

/** Durable rows of sites and keys, shared by all processes. */
export interface SiteRegistry {
  /** Everything that is not deleted. Rejects when the registry cannot be read. */
  load(): Promise<RegistryContent>
  /** Creates the site unless its id exists or ever existed; resolves to whether it was created, durably. */
  createSite(site: Site, nowMs: number): Promise<boolean>
  addKey(key: StoredKey): Promise<void>
  removeKey(siteId: string, keyId: string, nowMs: number): Promise<boolean>
}
export const SITE_REGISTRY = Symbol('SiteRegistry')
