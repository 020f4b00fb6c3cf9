import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE_DEFAULTS } from '#domain'
import type { Site } from '#domain'
import type { SiteRegistry, StoredKey } from '#ports'

let ids = 0
const newId = (): string => `r${process.pid.toString(36)}-${Date.now().toString(36)}_${++ids}`.slice(-32)

const site = (id: string, rest: Partial<Site> = {}): Site => ({ id, ...SITE_DEFAULTS, ...rest })

const key = (siteId: string, id: string, rest: Partial<StoredKey> = {}): StoredKey => ({
  id,
  siteId,
  role: 'ingest',
  hash: 'ab'.repeat(32),
  createdAtMs: 1_772_409_600_123,
  ...rest,
})

export interface SiteRegistryUnderTest {
  readonly registry: SiteRegistry
  /** Ends whatever keeps the rows as hard as it can be ended; resolves when `registry` works again. */
  crash(): Promise<void>
  dispose(): Promise<void>
}

/** What every SiteRegistry adapter promises. It is opened once; what it holds already does not matter. */
export function siteRegistryContract(name: string, open: () => Promise<SiteRegistryUnderTest>): void {
  describe(`${name} as SiteRegistry`, () => {
    let current: SiteRegistryUnderTest | undefined
    const opened = (): SiteRegistryUnderTest => current as SiteRegistryUnderTest
    beforeAll(async () => {
      current = await open()
    })
    afterAll(() => current?.dispose())
    sites(() => opened().registry)
    changes(() => opened().registry)
    deletions(() => opened().registry)
    keys(() => opened().registry)

    it('keeps sites and keys over a crash', async () => {
      const created = site(newId())
      await opened().registry.createSite(created, 1)
      await opened().registry.addKey(key(created.id, 'k1'))
      await opened().registry.addKey(key(created.id, 'k2'))
      await opened().registry.removeKey(created.id, 'k1', 2)
      await opened().crash()
      const { sites, keys } = await opened().registry.load()
      expect(sites.filter((one) => one.id === created.id)).toEqual([created])
      expect(keys.filter((one) => one.siteId === created.id)).toEqual([key(created.id, 'k2')])
      expect(await opened().registry.createSite(created, 3)).toBe(false)
    })
  })
}

function sites(registry: () => SiteRegistry): void {
  const load = async (id: string): Promise<Site[]> => (await registry().load()).sites.filter((one) => one.id === id)

  it('a site comes back as it was created, every field', async () => {
    const created = site(newId(), {
      name: 'Cổng thông tin "Ví dụ" \\ \u{1F3DB} \u2028 it\'s',
      hosts: ['example.vn', '*.xn--v-1na.vn'],
      timeZone: 'Asia/Kathmandu',
      weekStart: 'sunday',
      unit: 'pageviews',
      onlineWindowSeconds: 60,
      visitTimeoutSeconds: 3600,
      pageQueryKeys: ['id', "o'dd", 'a,b', ''],
      bots: 'count',
      excludedAddresses: ['10.0.0.0/8', '2001:db8::/32'],
    })
    expect(await registry().createSite(created, 1_772_409_600_000)).toBe(true)
    expect(await load(created.id)).toEqual([created])
  })

  it('an id is given once, and the first site keeps it', async () => {
    const first = site(newId(), { name: 'first' })
    expect(await registry().createSite(first, 2_000)).toBe(true)
    expect(await registry().createSite({ ...first, name: 'second' }, 3_000)).toBe(false)
    expect(await registry().createSite({ ...first, name: 'third' }, 1_000)).toBe(false)
    expect(await load(first.id)).toEqual([first])
  })

  it('ids that differ in case are two', async () => {
    const id = newId()
    expect(await registry().createSite(site(`${id}a`.slice(-32)), 1)).toBe(true)
    expect(await registry().createSite(site(`${id}A`.slice(-32)), 1)).toBe(true)
  })

  it('of many creations at once exactly one succeeds, and it is the one that stays', async () => {
    const id = newId()
    const rivals = Array.from({ length: 8 }, (_, index) => site(id, { name: `rival ${index}` }))
    const won = await Promise.all(rivals.map((rival, index) => registry().createSite(rival, 1_000 - index)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await load(id)).toEqual([rivals[won.indexOf(true)]])
  })
}

function changes(registry: () => SiteRegistry): void {
  const load = async (id: string): Promise<Site[]> => (await registry().load()).sites.filter((one) => one.id === id)

  it('a site is what its last change made of it, and the change is told what it was', async () => {
    const created = site(newId(), { name: 'first', hosts: ['example.vn'] })
    await registry().createSite(created, 1_000)
    const seen: Site[] = []
    const rename = (name: string) => (was: Site) => {
      seen.push(was)
      return { ...was, name }
    }
    expect(await registry().updateSite(created.id, rename('second'), 2_000)).toEqual({ ...created, name: 'second' })
    // A clock that was set back takes nothing back.
    expect(await registry().updateSite(created.id, rename('third'), 500)).toEqual({ ...created, name: 'third' })
    expect(seen).toEqual([created, { ...created, name: 'second' }])
    expect(await load(created.id)).toEqual([{ ...created, name: 'third' }])
    expect(await registry().createSite(created, 3_000)).toBe(false)
  })

  it('many changes at once are all in the outcome', async () => {
    const created = site(newId())
    await registry().createSite(created, 1_000)
    const added = Array.from({ length: 8 }, (_, n) => `h${n}.example.vn`)
    await Promise.all(
      added.map((host) => registry().updateSite(created.id, (was) => ({ ...was, hosts: [...was.hosts, host] }), 1_000)),
    )
    expect((await load(created.id))[0]?.hosts.toSorted()).toEqual(added)
  })

  it('what is no site cannot be changed', async () => {
    expect(await registry().updateSite(newId(), (was) => was, 1)).toBeNull()
  })
}

function deletions(registry: () => SiteRegistry): void {
  const load = async (id: string): Promise<{ sites: Site[]; keys: StoredKey[] }> => {
    const { sites, keys } = await registry().load()
    return { sites: sites.filter((one) => one.id === id), keys: keys.filter((one) => one.siteId === id) }
  }
  const unerased = async (id: string) => (await registry().unerased()).filter((one) => one.siteId === id)

  it('a deleted site is gone with its keys, and its id is never given again', async () => {
    const [gone, stays] = [site(newId()), site(newId())] as const
    for (const one of [gone, stays]) {
      await registry().createSite(one, 1_000)
      await registry().addKey(key(one.id, 'k1'))
    }
    expect(await registry().deleteSite(gone.id, 2_000)).toBe(true)
    expect(await registry().deleteSite(gone.id, 2_001)).toBe(false)
    expect(await load(gone.id)).toEqual({ sites: [], keys: [] })
    expect(await load(stays.id)).toEqual({ sites: [stays], keys: [key(stays.id, 'k1')] })
    expect(await registry().createSite(gone, 3_000)).toBe(false)
    expect(await registry().createSite(gone, 500)).toBe(false)
    expect(await registry().updateSite(gone.id, (was) => was, 4_000)).toBeNull()
    // One that was made by whoever had not yet heard of the deletion.
    await registry().addKey(key(gone.id, 'k2'))
    expect(await load(gone.id)).toEqual({ sites: [], keys: [] })
  })

  it('an erasure is open from the deletion until it is finished, and the id stays taken', async () => {
    const gone = site(newId(), { name: 'personal', hosts: ['example.vn'] })
    await registry().createSite(gone, 1_000)
    await registry().addKey(key(gone.id, 'k1'))
    expect(await unerased(gone.id)).toEqual([])
    await registry().finishErasure(gone.id, 1_500)
    expect((await load(gone.id)).sites).toEqual([gone])
    await registry().deleteSite(gone.id, 2_000)
    expect(await unerased(gone.id)).toEqual([{ siteId: gone.id, deletedAtMs: 2_000 }])
    await registry().finishErasure(gone.id, 3_000)
    await registry().finishErasure(gone.id, 3_001)
    expect(await unerased(gone.id)).toEqual([])
    expect(await load(gone.id)).toEqual({ sites: [], keys: [] })
    expect(await registry().createSite(gone, 4_000)).toBe(false)
  })

  it('a change and a deletion at once leave it deleted', async () => {
    const gone = site(newId())
    await registry().createSite(gone, 1_000)
    await Promise.all([
      registry().updateSite(gone.id, (was) => ({ ...was, name: 'late' }), 2_000),
      registry().deleteSite(gone.id, 2_000),
      registry().updateSite(gone.id, (was) => ({ ...was, name: 'later' }), 2_000),
    ])
    expect((await load(gone.id)).sites).toEqual([])
  })
}

function keys(registry: () => SiteRegistry): void {
  const load = async (siteId: string): Promise<StoredKey[]> =>
    (await registry().load()).keys.filter((one) => one.siteId === siteId)

  it('keys come back as they were added, each once however often', async () => {
    const siteId = newId()
    const added = [key(siteId, 'k1'), key(siteId, 'k2', { role: 'owner', hash: 'cd'.repeat(32), createdAtMs: 5 })]
    for (const one of [...added, ...added]) await registry().addKey(one)
    expect((await load(siteId)).toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(added)
  })

  it('a removed key is gone for good, others stay', async () => {
    const [siteId, otherSite] = [newId(), newId()] as const
    await registry().addKey(key(siteId, 'k1'))
    await registry().addKey(key(siteId, 'k2'))
    await registry().addKey(key(otherSite, 'k1'))
    expect(await registry().removeKey(siteId, 'k1', 9_000)).toBe(true)
    expect(await registry().removeKey(siteId, 'k1', 9_001)).toBe(false)
    await registry().addKey(key(siteId, 'k1'))
    expect(await load(siteId)).toEqual([key(siteId, 'k2')])
    expect(await load(otherSite)).toEqual([key(otherSite, 'k1')])
  })

  it('a key that never was cannot be removed', async () => {
    const siteId = newId()
    await registry().addKey(key(siteId, 'k1'))
    expect(await registry().removeKey(siteId, 'k2', 1)).toBe(false)
    expect(await registry().removeKey(newId(), 'k1', 1)).toBe(false)
    expect(await load(siteId)).toHaveLength(1)
  })

  it('of many removals at once exactly one did it', async () => {
    const siteId = newId()
    await registry().addKey(key(siteId, 'k1'))
    const removed = await Promise.all(Array.from({ length: 5 }, () => registry().removeKey(siteId, 'k1', 1)))
    expect(removed.filter(Boolean)).toHaveLength(1)
  })
}
