import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SITE_DEFAULTS, type Site } from '#domain'
import type { RegistryContent, SiteRegistry, StoredKey } from '#ports'
import type { DirectoryCache } from './directory-cache.js'
import { hashOfKey, SiteDirectory } from './site-directory.js'

const site = (id: string): Site => ({ ...SITE_DEFAULTS, id })
const key = (text: string, siteId: string): StoredKey => {
  return { id: `id-of-${text}`, siteId, role: 'owner', hash: hashOfKey(text), createdAtMs: 0 }
}

/** A registry in memory that can take long, hang or be away. */
class FaultyRegistry implements Pick<SiteRegistry, 'load'> {
  content: RegistryContent = { sites: [], keys: [] }
  loads = 0
  takesMs = 0
  mood: 'fine' | 'away' | 'hanging' = 'fine'

  async load(): Promise<RegistryContent> {
    this.loads++
    if (this.mood === 'away') throw new Error('away')
    if (this.mood === 'hanging') return new Promise(() => undefined)
    const asOfNow = this.content
    if (this.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, this.takesMs))
    return asOfNow
  }
  async createSite(made: Site): Promise<void> {
    this.content = { ...this.content, sites: [...this.content.sites, made] }
  }
}

class MemoryCache implements DirectoryCache {
  writes = 0
  full = false
  constructor(public kept: RegistryContent | null = null) {}
  async read(): Promise<RegistryContent | null> {
    return this.kept
  }
  async write(content: RegistryContent): Promise<void> {
    if (this.full) throw new Error('disk full')
    this.writes++
    this.kept = content
  }
}

/** What a promise comes to, and after how many milliseconds of the fake clock. */
async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const beganAt = Date.now()
  const ends: { value: T; ms: number }[] = []
  void work.then((value) => ends.push({ value, ms: Date.now() - beganAt }))
  while (ends.length === 0) await vi.advanceTimersByTimeAsync(1)
  return ends[0]
}

describe('SiteDirectory', () => {
  let registry: FaultyRegistry
  let cache: MemoryCache
  let failures: string[]
  let directory: SiteDirectory

  beforeEach(() => {
    vi.useFakeTimers()
    registry = new FaultyRegistry()
    cache = new MemoryCache()
    failures = []
    directory = new SiteDirectory(registry, cache, (error) => failures.push((error as Error).message))
  })
  afterEach(async () => {
    registry.mood = 'fine'
    const stopped = directory.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    await stopped
    vi.useRealTimers()
  })

  it('knows the sites and keys of the registry once started', async () => {
    registry.content = { sites: [site('demo')], keys: [key('secret', 'demo')] }
    await directory.start()
    expect(directory.site('demo')?.id).toBe('demo')
    expect(directory.key('secret')?.siteId).toBe('demo')
    expect(directory.key('other')).toBeUndefined()
    expect(directory.keysOf('demo')).toHaveLength(1)
  })

  it('sees a site made elsewhere within a second without being asked for it', async () => {
    await directory.start()
    registry.content = { sites: [site('later')], keys: [] }
    await vi.advanceTimersByTimeAsync(1000)
    expect(directory.site('later')?.id).toBe('later')
  })

  it('forgets a key within a second of its removal', async () => {
    registry.content = { sites: [site('demo')], keys: [key('secret', 'demo')] }
    await directory.start()
    registry.content = { sites: [site('demo')], keys: [] }
    await vi.advanceTimersByTimeAsync(1000)
    expect(directory.key('secret')).toBeUndefined()
  })

  it('keeps the same site objects while nothing changes, in whatever order the registry lists them', async () => {
    registry.content = { sites: [site('aa'), site('bb')], keys: [] }
    await directory.start()
    const before = directory.site('aa')
    registry.content = { sites: [site('bb'), site('aa')], keys: [] }
    await vi.advanceTimersByTimeAsync(1000)
    expect(directory.site('aa')).toBe(before)
    expect(cache.writes).toBe(1)
  })

  describe('asked for a site that it does not have', () => {
    it('answers from one refresh that all who wait share', async () => {
      await directory.start()
      registry.content = { sites: [site('new')], keys: [] }
      const asked = Array.from({ length: 500 }, (_, n) => directory.find(n % 2 === 0 ? 'new' : `unknown-${n}`))
      const { value: answers } = await timed(Promise.all(asked))
      expect(answers.filter((answer) => answer === 'not_found')).toHaveLength(250)
      expect(answers.filter((answer) => answer !== 'not_found' && answer !== 'unknowable')).toHaveLength(250)
      expect(registry.loads).toBe(2)
    })

    it('reads the registry at most every 250 ms, however many unknown ids come', async () => {
      await directory.start()
      const asked: Promise<unknown>[] = []
      for (let ms = 0; ms < 2000; ms++) {
        asked.push(directory.find(`unknown-${ms}`))
        await vi.advanceTimersByTimeAsync(1)
      }
      await timed(Promise.all(asked))
      // 1 at the start, 8 or 9 on demand in 2 s, and the 2 of every second
      expect(registry.loads).toBeLessThanOrEqual(12)
    })

    // ms     0         100                       300
    // load   |----------|  began before the site  |----------|
    // site        made
    // find           asked: must not take the first load's word
    it('does not believe a refresh that began before it was asked', async () => {
      await directory.start()
      await vi.advanceTimersByTimeAsync(500)
      registry.takesMs = 100
      void directory.refresh()
      await vi.advanceTimersByTimeAsync(50)
      registry.content = { sites: [site('new')], keys: [] }
      const { value } = await timed(directory.find('new'))
      expect(value).toMatchObject({ id: 'new' })
    })

    it('says unknowable at once when the registry is away, and found again when it is back', async () => {
      await directory.start()
      registry.mood = 'away'
      expect((await timed(directory.find('nn'))).value).toBe('unknowable')
      registry.mood = 'fine'
      registry.content = { sites: [site('nn')], keys: [] }
      expect((await timed(directory.find('nn'))).value).toMatchObject({ id: 'nn' })
    })

    it('gives up after 1 s when the registry hangs', async () => {
      await directory.start()
      registry.mood = 'hanging'
      expect(await timed(directory.find('nn'))).toEqual({ value: 'unknowable', ms: 1000 })
    })

    it('reads again after a reading that hung for 5 s, and never takes what that one brings later', async () => {
      await directory.start()
      registry.takesMs = 60_000
      registry.content = { sites: [site('old')], keys: [] }
      await vi.advanceTimersByTimeAsync(1000)
      registry.takesMs = 0
      registry.content = { sites: [site('new')], keys: [] }
      await vi.advanceTimersByTimeAsync(6000)
      expect(directory.list().map(({ id }) => id)).toEqual(['new'])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(directory.list().map(({ id }) => id)).toEqual(['new'])
    })
  })

  describe('asked for a key that it does not have', () => {
    const text = `tcp_ingest_${'x'.repeat(43)}`

    it('finds one that another process has just made, in one refresh for all who wait', async () => {
      await directory.start()
      registry.content = { sites: [site('demo')], keys: [key(text, 'demo')] }
      const { value } = await timed(Promise.all(Array.from({ length: 500 }, () => directory.findKey(text))))
      expect(new Set(value.map((found) => found?.siteId))).toEqual(new Set(['demo']))
      expect(registry.loads).toBe(2)
    })

    it('gives up after 1 s when the registry hangs', async () => {
      await directory.start()
      registry.mood = 'hanging'
      expect(await timed(directory.findKey(text))).toEqual({ value: undefined, ms: 1000 })
    })

    it('says at once that what is not written like a key is none', async () => {
      await directory.start()
      expect(await timed(directory.findKey('secret'))).toMatchObject({ value: undefined })
      expect(registry.loads).toBe(1)
    })
  })

  it('sees what was written before refreshFromNow, though a refresh was under way', async () => {
    await directory.start()
    registry.takesMs = 20
    void directory.refresh()
    await registry.createSite(site('new'))
    expect((await timed(directory.refreshFromNow())).value).toBe(true)
    expect(directory.site('new')?.id).toBe('new')
  })

  describe('its copy on disk', () => {
    it('serves a start without the registry', async () => {
      registry.mood = 'away'
      cache.kept = { sites: [site('demo')], keys: [key('secret', 'demo')] }
      await directory.start()
      expect(directory.loaded).toBe(true)
      expect(directory.site('demo')?.id).toBe('demo')
      expect(directory.key('secret')?.siteId).toBe('demo')
    })

    it('leaves it not loaded when there is neither copy nor registry', async () => {
      registry.mood = 'away'
      await directory.start()
      expect(directory.loaded).toBe(false)
    })

    it('is written when something changed, not with every refresh', async () => {
      await directory.start()
      await vi.advanceTimersByTimeAsync(10_000)
      expect(cache.writes).toBe(1)
      registry.content = { sites: [site('new')], keys: [] }
      await vi.advanceTimersByTimeAsync(1000)
      expect(cache.kept?.sites.map(({ id }) => id)).toEqual(['new'])
      expect(cache.writes).toBe(2)
    })

    it('may fail: what was read holds, the failure is told, and the next refresh tries again', async () => {
      cache.full = true
      registry.content = { sites: [site('demo')], keys: [] }
      await directory.start()
      expect(failures).toEqual(['disk full'])
      expect((await timed(directory.find('nn'))).value).toBe('not_found')
      cache.full = false
      await vi.advanceTimersByTimeAsync(1000)
      expect(cache.kept?.sites.map(({ id }) => id)).toEqual(['demo'])
    })
  })
})
