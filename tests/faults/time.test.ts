import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FakeClock, Standalone, WidgetNumbers } from '../support/harness/index.js'
import {
  createKey,
  createSite,
  dice,
  endEverything,
  fakeClock,
  pause,
  sendTraffic,
  startStandalone,
  tempFolder,
  traffic,
  until,
  widget,
  widgetShows,
} from '../support/harness/index.js'
import type { Fact, RecountSite, SentEvent } from '../support/recount/index.js'
import { recount, recountSite } from '../support/recount/index.js'

const SITES: readonly RecountSite[] = [
  recountSite({ id: 'monday', unit: 'visits' }),
  recountSite({ id: 'sunday', unit: 'pageviews', weekStart: 'sunday' }),
  recountSite({ id: 'new-york', unit: 'visitors', timeZone: 'America/New_York' }),
]
const NUMBERS = ['today', 'yesterday', 'week', 'month', 'year', 'total'] as const
const pick = (shown: Record<(typeof NUMBERS)[number], number>) => NUMBERS.map((name) => shown[name])

/** One look at a widget: the fake clock before and after, ms. */
interface Sample {
  readonly site: RecountSite
  readonly fromMs: number
  readonly untilMs: number
  readonly shown: WidgetNumbers
}

describe('time on a real process', () => {
  const random = dice(20_270_101)
  const dataDir = tempFolder()
  const facts: Fact[] = []
  const keys = new Map<string, string>()
  let clock: FakeClock
  let product: Standalone

  const start = async (atIso: string) => {
    clock.set(Date.parse(atIso))
    product = await startStandalone({ dataDir, prefixCommand: clock.prefixCommand })
    await product.waitReady()
  }
  const restart = async (atIso: string) => {
    expect((await product.stop()).code).toBe(0)
    await start(atIso)
  }

  async function send(site: RecountSite, events: readonly SentEvent[]): Promise<void> {
    facts.push(...(await sendTraffic(product.url, keys.get(site.id) as string, site, events, clock)))
  }

  /** Three browsers that are on the page of each site now. */
  function readers(type: 'view' | 'heartbeat', site: RecountSite): SentEvent[] {
    return [1, 2, 3].map((reader) => ({
      site: site.id,
      type,
      id: `${type}-${reader}-${clock.now()}`,
      at: new Date(clock.now()).toISOString(),
      ...(type === 'view' && { url: 'https://example.vn/' }),
      ip: `198.51.100.${reader}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
    }))
  }

  /** Traffic of the days before a midnight, and readers who are there when it comes; then a look every few milliseconds. */
  async function watch(midnightMs: number): Promise<Sample[]> {
    clock.set(midnightMs - 30_000)
    for (const site of SITES) {
      const name = `${site.id}-${midnightMs}`
      await send(site, traffic({ site: site.id, name, count: 120, untilMs: clock.now(), hours: 47, dice: random }))
      await send(site, readers('view', site))
    }
    const before = expectedAt(midnightMs - 1000)
    for (const site of SITES) await widgetShows(product.url, site.id, { ...before(site), online: 3 })
    clock.set(midnightMs - 1500)
    expect(clock.now(), 'this machine is too slow to be there before midnight').toBeLessThan(midnightMs - 500)
    const samples: Sample[] = []
    while (clock.now() < midnightMs + 1500) {
      for (const site of SITES) {
        const fromMs = clock.now()
        const shown = await widget(product.url, site.id)
        samples.push({ site, fromMs, untilMs: clock.now(), shown })
      }
      await pause(5)
    }
    return samples
  }

  const expectedAt = (atMs: number) => {
    const bySite = new Map(SITES.map((site) => [site, recount(site, facts).widgetAt(atMs / 1000)]))
    return (site: RecountSite) => Object.fromEntries(NUMBERS.map((name) => [name, bySite.get(site)?.[name] ?? 0]))
  }

  async function turn(midnightIso: string): Promise<Record<string, { before: number[]; after: number[] }>> {
    const midnightMs = Date.parse(midnightIso)
    const samples = await watch(midnightMs)
    const [before, after] = [expectedAt(midnightMs - 1000), expectedAt(midnightMs)]
    const early = samples.filter(({ untilMs }) => untilMs < midnightMs)
    const late = samples.filter(({ fromMs }) => fromMs >= midnightMs)
    for (const part of [early, late]) expect(part.length).toBeGreaterThan(9)
    for (const { site, shown } of early) expect(shown).toMatchObject({ ...before(site), online: 3 })
    for (const { site, shown } of late) expect(shown).toMatchObject({ ...after(site), online: 3 })
    for (const { shown } of samples) expect(shown.stale).toBeUndefined()
    await stillThree()
    const values = (part: typeof before, site: RecountSite) =>
      pick(part(site) as Record<(typeof NUMBERS)[number], number>)
    return Object.fromEntries(
      SITES.map((site) => [site.id, { before: values(before, site), after: values(after, site) }]),
    )
  }

  /** After midnight the same three browsers tell that they are still there, and then view a page. */
  async function stillThree(): Promise<void> {
    for (const type of ['heartbeat', 'view'] as const) {
      for (const site of SITES) await send(site, readers(type, site))
      const expected = expectedAt(clock.now())
      for (const site of SITES) await widgetShows(product.url, site.id, { ...expected(site), online: 3 })
    }
  }

  beforeAll(async () => {
    clock = fakeClock(Date.now())
    await start('2026-12-31T10:00:00Z')
    for (const { id, unit, weekStart, timeZone } of SITES) {
      await createSite(product, { id, unit, weekStart, timeZone })
      keys.set(id, (await createKey(product, id)).key)
    }
  })
  afterAll(endEverything)

  // Asia/Ho_Chi_Minh   Thu 31 December 2026 | Fri 1 January 2027
  it('turns day, month and year at midnight to the second, and nobody online doubles', async () => {
    const { monday, sunday, 'new-york': newYork } = await turn('2026-12-31T17:00:00Z')
    const [today, , week, , , total] = monday!.before
    expect(monday!.after).toEqual([0, today, week, 0, 0, total])
    expect(sunday!.after.slice(3, 5)).toEqual([0, 0])
    expect(newYork!.after).toEqual(newYork!.before)
  })

  // Asia/Ho_Chi_Minh   Sat 2 January | Sun 3 January | Mon 4 January 2027
  it('begins a week on Sunday where the site says so', async () => {
    const { monday, sunday } = await turn('2027-01-02T17:00:00Z')
    expect([sunday!.after[2], monday!.after[2]]).toEqual([0, monday!.before[2]])
  })

  it('begins a week on Monday elsewhere', async () => {
    const { monday, sunday } = await turn('2027-01-03T17:00:00Z')
    expect([sunday!.after[2], monday!.after[2]]).toEqual([sunday!.before[2], 0])
  })

  it('destroys a salt at 12:00 UTC three days later: nothing of it is left in the data folder', async () => {
    const salt = readFileSync(join(dataDir, 'salts/2027-01-03'), 'utf8')
    expect(salt).toMatch(/^[0-9a-f]{64}$/)
    await restart('2027-01-06T11:59:45Z')
    expect(whereIs(dataDir, salt)).toEqual(['salts/2027-01-03'])
    await until(() => clock.now() >= Date.parse('2027-01-06T12:00:00Z'), { timeoutMs: 20_000, everyMs: 5 })
    await until(() => whereIs(dataDir, salt).length === 0, { timeoutMs: 1500 })
    expect(readdirSync(join(dataDir, 'salts'))).toContain('2027-01-04')
  })

  // America/New_York   Sat 13 March | Sun 14 March, 23 h | Mon 15 March 2027
  it('has a day of 23 hours when summer time begins in New York', async () => {
    await restart('2027-03-14T04:59:00Z')
    expect((await turn('2027-03-14T05:00:00Z'))['new-york']!.after[0]).toBe(0)
    expect((await turn('2027-03-15T04:00:00Z'))['new-york']!.after[0]).toBe(0)
  })

  // America/New_York   Sat 6 November | Sun 7 November, 25 h | Mon 8 November 2027
  it('has a day of 25 hours when it ends', async () => {
    await restart('2027-11-07T03:59:00Z')
    expect((await turn('2027-11-07T04:00:00Z'))['new-york']!.after[0]).toBe(0)
    expect((await turn('2027-11-08T05:00:00Z'))['new-york']!.after[0]).toBe(0)
  })
})

/** Files under a folder that hold a salt, as text or as its bytes. */
function whereIs(folder: string, salt: string): string[] {
  const bytes = Buffer.from(salt, 'hex')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const content = readIfThere(file)
      return content.includes(salt) || content.includes(bytes)
    })
    .map((file) => file.slice(folder.length + 1))
}

/** Files come and go while the product runs. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
