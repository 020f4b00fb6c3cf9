import { createHash } from 'node:crypto'
import { decodeEvent, type Event, type Site, SITE_DEFAULTS } from '#domain'
import type {
  ClientFactsReader,
  Clock,
  EventLog,
  LogEntry,
  RegistryContent,
  Salts,
  SiteRegistry,
  StoredKey,
  UserAgentFacts,
} from '#ports'

/** 2026-11-24 10:30:00 in Vietnam, a Tuesday. */
export const NOW_MS = Date.UTC(2026, 10, 24, 3, 30, 0)

export class SetClock implements Clock {
  nowMs = NOW_MS
  now(): number {
    return this.nowMs
  }
}

/** Keeps in an array what was appended, each append apart. */
export class ArrayLog implements EventLog {
  readonly partitions = 1
  readonly appends: Event[][] = []
  fails = false
  /** It fails after so many appends. */
  appendsLeft = Infinity
  /** Appends that have begun, ended or not. */
  begun = 0
  /** Appends wait for this. */
  gate: Promise<void> = Promise.resolve()

  async append(entries: readonly LogEntry[]): Promise<void> {
    this.begun++
    await this.gate
    if (this.fails || this.appendsLeft === 0) throw new Error('the disk is away')
    this.appendsLeft--
    this.appends.push(entries.map(({ bytes }) => decodeEvent(bytes)).filter((event) => event !== null))
  }

  get events(): Event[] {
    return this.appends.flat()
  }
}

/** A site that allows everything unless said otherwise. */
export function site(id: string, settings: Partial<Site> = {}): Site {
  return { ...SITE_DEFAULTS, id, ...settings }
}

export function storedKey(text: string, siteId: string, role: StoredKey['role']): StoredKey {
  return { id: `key-${text}`, siteId, role, hash: createHash('sha256').update(text).digest('hex'), createdAtMs: 0 }
}

export class ArrayRegistry implements Pick<SiteRegistry, 'load'> {
  sites: Site[] = []
  keys: StoredKey[] = []
  isAway = false
  loads = 0

  async load(): Promise<RegistryContent> {
    this.loads++
    if (this.isAway) throw new Error('the registry is away')
    return { sites: [...this.sites], keys: [...this.keys] }
  }
}

/** A salt for every day but those that are lacking. */
export class DaySalts implements Salts {
  readonly lacking = new Set<number>()

  saltOf(day: number): string | null {
    return this.lacking.has(day) ? null : String(day).padStart(64, '0')
  }

  async maintain(): Promise<void> {
    // They never change.
  }
}

/** Knows one crawler, one browser and one country. */
export class OneOfEach implements ClientFactsReader {
  isCrawler(userAgent: string): boolean {
    return userAgent.startsWith('Crawler')
  }

  userAgentFacts(userAgent: string): UserAgentFacts {
    return userAgent === BROWSER
      ? { browser: 'Firefox', system: 'Linux', device: 'desktop' }
      : { browser: '', system: '', device: '' }
  }

  country(address: string): string {
    return address === '203.0.113.7' ? 'VN' : ''
  }
}

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const CRAWLER = 'Crawler/1.0'
