import { createHash } from 'node:crypto'
import type { Site } from '#domain'
import { type RegistryContent, type SiteRegistry, type StoredKey, within } from '#ports'
import type { DirectoryCache } from './directory-cache.js'
import { Refresher } from './refresher.js'

export const SITE_DIRECTORY = Symbol('SiteDirectory')

const REFRESH_MS = 1000
/** Contract section 2: an unknown site waits for the registry at most this long. */
const FIND_LIMIT_MS = 1000
const FIND_SPACING_MS = 250
const READ_LIMIT_MS = 5000

/** How keys are written (`tcp_<role>_` and 256 random bits). What is written otherwise was never one. */
const KEY_TEXT = /^tcp_[a-z]+_[\w-]{43}$/

/** A site's settings, or why there are none: it does not exist, or that cannot be known right now. */
export type SiteAnswer = Site | 'not_found' | 'unknowable'

/**
 * The registry as one process knows it: all sites and keys in memory, read anew every second, kept on disk so that a start
 * without the registry works. Hot paths ask `site` and `key`; nothing waits but who asks for a site or with a key that is not here.
 */
export class SiteDirectory {
  private sites = new Map<string, Site>()
  private keys = new Map<string, StoredKey>()
  private taken: { readonly content: RegistryContent; readonly text: string } | undefined
  private saved = ''
  private hasReadRegistry = false
  private isSaving = false
  private timer: NodeJS.Timeout | undefined
  private readonly refresher: Refresher

  constructor(
    private readonly registry: Pick<SiteRegistry, 'load'>,
    private readonly cache: DirectoryCache,
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {
    const limits = { readLimitMs: READ_LIMIT_MS, spacingMs: FIND_SPACING_MS }
    this.refresher = new Refresher((isLatest) => this.load(isLatest), limits)
  }

  /** Whether sites are known at all, from the registry or from the disk. */
  get loaded(): boolean {
    return this.taken !== undefined
  }

  /** Whether the registry itself was read since the start: then a site that is not here was deleted, or not made yet. */
  get isRead(): boolean {
    return this.hasReadRegistry
  }

  /** Takes what the disk keeps, tries the registry once (5 s at most), and goes on reading it every second. */
  async start(): Promise<void> {
    const kept = await this.cache.read()
    if (kept !== null) this.take(kept)
    await this.refresh()
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.refresher.stop()
  }

  site(siteId: string): Site | undefined {
    return this.sites.get(siteId)
  }

  /**
   * For a site that `site` does not have: waits for one refresh that begins after now, shared by all who wait, at most
   * 1 s (contract section 2). A flood of unknown ids costs the registry one refresh every 250 ms.
   */
  async find(siteId: string): Promise<SiteAnswer> {
    const known = this.sites.get(siteId)
    if (known !== undefined) return known
    const fresh = await within(this.refresher.soon(), FIND_LIMIT_MS, false)
    return this.sites.get(siteId) ?? (fresh ? 'not_found' : 'unknowable')
  }

  list(): Site[] {
    return [...this.sites.values()]
  }

  keysOf(siteId: string): StoredKey[] {
    return [...this.keys.values()].filter((key) => key.siteId === siteId)
  }

  /** The key with this text, or undefined. */
  key(text: string): StoredKey | undefined {
    return this.keys.get(hashOfKey(text))
  }

  /**
   * The same for a key that may have been made through another process a moment ago: waits like `find`. A flood of made-up
   * keys costs the registry one refresh every 250 ms, what cannot be a key nothing.
   */
  async findKey(text: string): Promise<StoredKey | undefined> {
    const known = this.key(text)
    if (known !== undefined || !KEY_TEXT.test(text)) return known
    await within(this.refresher.soon(), FIND_LIMIT_MS, false)
    return this.key(text)
  }

  /** Reads the registry now, or joins the reading under way; false when it cannot be read. */
  refresh(): Promise<boolean> {
    return this.refresher.now()
  }

  /** A refresh that sees everything written before this call, unlike one that is under way; false when it took over 1 s. */
  refreshFromNow(): Promise<boolean> {
    return within(this.refresher.next(), FIND_LIMIT_MS, false)
  }

  private async load(isLatest: () => boolean): Promise<boolean> {
    try {
      const content = await this.registry.load()
      if (!isLatest()) return false
      this.take(content)
      this.hasReadRegistry = true
    } catch (error) {
      this.onFailure(error)
      return false
    }
    await this.keep()
    return true
  }

  /** Unchanged content stays the same objects, so that what others derived from a site's settings stays valid. */
  private take(read: RegistryContent): void {
    const content = ordered(read)
    const text = JSON.stringify(content)
    if (text === this.taken?.text) return
    this.sites = new Map(content.sites.map((site) => [site.id, site]))
    this.keys = new Map(content.keys.map((key) => [key.hash, key]))
    this.taken = { content, text }
  }

  /** A disk that takes nothing is reported and tried again with the next refresh; what was read holds all the same. */
  private async keep(): Promise<void> {
    if (this.taken === undefined || this.taken.text === this.saved || this.isSaving) return
    const { content, text } = this.taken
    this.isSaving = true
    try {
      await this.cache.write(content)
      this.saved = text
    } catch (error) {
      this.onFailure(error)
    } finally {
      this.isSaving = false
    }
  }
}

/** A registry may list its rows in any order; in one order, equal content has equal text. */
function ordered({ sites, keys }: RegistryContent): RegistryContent {
  return {
    sites: [...sites].sort((a, b) => (a.id < b.id ? -1 : 1)),
    keys: [...keys].sort((a, b) => (a.hash < b.hash ? -1 : 1)),
  }
}

/** How a key's text is kept: SHA-256, hex. Keys are 256 random bits, so no salt or slow hash is needed. */
export function hashOfKey(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
