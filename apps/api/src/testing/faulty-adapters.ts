import type { CounterValues, Site } from '#domain'
import type {
  Clock,
  CounterQuery,
  CounterReader,
  CounterReading,
  EventLog,
  EventStore,
  KeptNumbers,
  LogEntry,
  RegistryContent,
  SiteRegistry,
  SnapshotStore,
  StoredKey,
  StoredSpan,
  Tombstone,
  ViewsReading,
} from '#ports'

export type Mood = 'fine' | 'failing' | 'hanging'

/** Lets a call through, fails it, or leaves it without an end, as an adapter whose other side is well, away or stuck. */
export class Fault {
  mood: Mood = 'fine'
  calls = 0
  /** While set, calls wait for it before they answer. */
  gate: Promise<void> | undefined

  async pass(): Promise<void> {
    this.calls++
    if (this.mood === 'failing') throw new Error('away')
    if (this.mood === 'hanging') await new Promise(() => undefined)
    await this.gate
  }
}

export const same = (n: number): CounterValues => ({ pageviews: n, visits: n, visitors: n })

/** Counters of one site in memory; numbers are given by bucket. */
export class FaultyCounters implements CounterReader {
  readonly fault = new Fault()
  readonly buckets = new Map<string, CounterValues>()
  readonly paths = new Map<string, number>()
  online = 0
  lastQuery: CounterQuery | undefined
  /** null = caught up at every moment. */
  stuckAtMs: number | null = null

  constructor(private readonly clock: Clock) {}

  async read(_siteId: string, query: CounterQuery): Promise<CounterReading> {
    const asOfMs = this.stuckAtMs ?? this.clock.now()
    this.lastQuery = query
    await this.fault.pass()
    const buckets = query.buckets.map((bucket) => this.buckets.get(bucket) ?? same(0))
    return { buckets, online: this.online, asOfMs, next: 0 }
  }

  async views(_siteId: string, paths: readonly string[]): Promise<ViewsReading> {
    const asOfMs = this.stuckAtMs ?? this.clock.now()
    await this.fault.pass()
    return { views: paths.map((path) => this.paths.get(path) ?? 0), asOfMs, next: 0 }
  }
}

/** A store whose numbers are given by local day. */
export class FaultyStore implements EventStore {
  readonly fault = new Fault()
  readonly days = new Map<number, number>()
  readonly paths = new Map<string, number>()
  /** Up to when everything is stored, ms; null = nothing is. */
  untilMs: number | null = Date.parse('2026-11-23T11:59:00Z')

  async position(): Promise<number> {
    return 0
  }
  async damage(): Promise<readonly string[]> {
    return []
  }
  async mended(): Promise<boolean> {
    return true
  }
  async storedUntil(): Promise<number | null> {
    await this.fault.pass()
    return this.untilMs
  }
  async insert(span: StoredSpan): Promise<number> {
    return span.next
  }
  async erase(): Promise<void> {}
  async numbers(_siteId: string, fromDay: number, toDay: number): Promise<CounterValues> {
    await this.fault.pass()
    let sum = 0
    for (const [day, n] of this.days) if (day >= fromDay && day <= toDay) sum += n
    return same(sum)
  }
  async views(_siteId: string, paths: readonly string[]): Promise<Map<string, number>> {
    await this.fault.pass()
    return new Map(paths.map((path) => [path, this.paths.get(path) ?? 0]))
  }
}

/** A log of one partition whose records are read by looking. */
export class MemoryLog implements EventLog {
  readonly fault = new Fault()
  readonly partitions = 1
  readonly entries: LogEntry[] = []

  async append(entries: readonly LogEntry[]): Promise<void> {
    await this.fault.pass()
    this.entries.push(...entries)
  }
}

/** A disk for last known numbers that survives what is built on it. */
export class MemorySnapshots implements SnapshotStore {
  readonly fault = new Fault()
  readonly kept = new Map<string, KeptNumbers>()

  async load(): Promise<readonly KeptNumbers[]> {
    await this.fault.pass()
    return structuredClone([...this.kept.values()])
  }
  async save(changed: readonly KeptNumbers[]): Promise<void> {
    await this.fault.pass()
    for (const one of structuredClone(changed)) this.kept.set(one.siteId, { ...this.kept.get(one.siteId), ...one })
  }
  async remove(siteIds: readonly string[]): Promise<void> {
    await this.fault.pass()
    for (const siteId of siteIds) this.kept.delete(siteId)
  }
}

/** A registry in memory. */
export class MemoryRegistry implements SiteRegistry {
  readonly fault = new Fault()
  sites: readonly Site[] = []
  keys: readonly StoredKey[] = []
  readonly tombstones = new Map<string, Tombstone & { erased: boolean }>()

  async load(): Promise<RegistryContent> {
    await this.fault.pass()
    return { sites: this.sites, keys: this.keys }
  }
  async createSite(site: Site): Promise<boolean> {
    await this.fault.pass()
    if (this.tombstones.has(site.id) || this.sites.some(({ id }) => id === site.id)) return false
    this.sites = [...this.sites, site]
    return true
  }
  async updateSite(siteId: string, change: (site: Site) => Site): Promise<Site | null> {
    await this.fault.pass()
    const site = this.sites.find(({ id }) => id === siteId)
    if (site === undefined) return null
    const changed = change(site)
    this.sites = this.sites.map((one) => (one === site ? changed : one))
    return changed
  }
  async deleteSite(siteId: string, nowMs: number): Promise<boolean> {
    await this.fault.pass()
    if (!this.sites.some(({ id }) => id === siteId)) return false
    this.sites = this.sites.filter(({ id }) => id !== siteId)
    this.keys = this.keys.filter((key) => key.siteId !== siteId)
    this.tombstones.set(siteId, { siteId, deletedAtMs: nowMs, erased: false })
    return true
  }
  async unerased(): Promise<readonly Tombstone[]> {
    await this.fault.pass()
    return [...this.tombstones.values()].filter(({ erased }) => !erased)
  }
  async finishErasure(siteId: string): Promise<void> {
    await this.fault.pass()
    const tombstone = this.tombstones.get(siteId)
    if (tombstone !== undefined) tombstone.erased = true
  }
  async addKey(key: StoredKey): Promise<void> {
    await this.fault.pass()
    this.keys = [...this.keys, key]
  }
  async removeKey(siteId: string, keyId: string): Promise<boolean> {
    await this.fault.pass()
    const rest = this.keys.filter((key) => key.id !== keyId || key.siteId !== siteId)
    const existed = rest.length < this.keys.length
    this.keys = rest
    return existed
  }
}
