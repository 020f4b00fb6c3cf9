import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Beacon, FakeClock, Standalone } from '../support/harness/index.js'
import {
  askEngine,
  beacon,
  browser,
  createKey,
  createSite,
  dice,
  endEverything,
  fakeClock,
  sendTraffic,
  ship,
  startStandalone,
  tempFolder,
  traffic,
  TRAFFIC_PATHS,
  until,
  uuid7,
  viewsOf,
  widgetShows,
} from '../support/harness/index.js'
import type { DayNumbers, Fact, RecountSite } from '../support/recount/index.js'
import { beaconFact, monthOf, recount, recountSite, weekOf, yearOf } from '../support/recount/index.js'

const SITES: readonly RecountSite[] = [
  recountSite({ id: 'visits', unit: 'visits' }),
  recountSite({ id: 'views', unit: 'pageviews', weekStart: 'sunday', timeZone: 'America/New_York' }),
  recountSite({ id: 'visitors', unit: 'visitors', timeZone: 'Pacific/Apia' }),
]
const DAY_MS = 86_400_000

/** Rows of a view of the store, and what they are by the recount: one text a row. */
interface SqlView {
  readonly sql: (site: string) => string
  readonly expected: (site: RecountSite, days: ReadonlyMap<string, DayNumbers>) => string[]
}

const units = 'pageviews, visits, visitors'
const view = (name: string, first: string, keyOf: (day: string) => string, where = ''): SqlView => ({
  sql: (site) => `SELECT toString(${first}), ${units} FROM ${name} WHERE site = '${site}' ${where}`,
  expected: (_, days) => {
    const sums = new Map<string, number[]>()
    for (const [day, { pageviews, visits, visitors }] of days) {
      const [views, runs, people] = sums.get(keyOf(day)) ?? [0, 0, 0]
      sums.set(keyOf(day), [views! + pageviews, runs! + visits, people! + visitors])
    }
    return [...sums].map(([key, values]) => [key, ...values].join(' '))
  },
})

const SQL_VIEWS: readonly SqlView[] = [
  view('site_days', 'day', (day) => day),
  view('site_weeks', 'week', (day) => weekOf(day, 'monday'), `AND week_start = 'monday'`),
  view('site_weeks', 'week', (day) => weekOf(day, 'sunday'), `AND week_start = 'sunday'`),
  view('site_months', 'month', (day) => `${monthOf(day)}-01`),
  view('site_years', 'year', (day) => `${yearOf(day)}-01-01`),
]

describe('days, sealed, dropped and made anew on a real process', () => {
  const random = dice(400)
  const dataDir = tempFolder()
  const facts: Fact[] = []
  const keys = new Map<string, string>()
  let clock: FakeClock
  let product: Standalone
  let batches = 0

  const start = async (atIso: string) => {
    clock.set(Date.parse(atIso))
    product = await startStandalone({ dataDir, prefixCommand: clock.prefixCommand })
    await product.waitReady()
  }
  const stop = async () => expect((await product.stop()).code).toBe(0)
  const restart = async (atIso: string) => {
    await stop()
    await start(atIso)
  }

  /** A day's worth for every site: server events of the last hours, and a few browsers that are there now. */
  async function oneDay(count = 130, hours = 30): Promise<void> {
    batches++
    for (const site of SITES) {
      const name = `${site.id}-${batches}`
      const events = traffic({ site: site.id, name, count, untilMs: clock.now(), hours, dice: random })
      facts.push(...(await sendTraffic(product.url, keys.get(site.id) as string, site, events, clock)))
      for (let reader = 0; reader < 4; reader++) await visit(site, reader)
    }
  }

  async function visit(site: RecountSite, reader: number): Promise<void> {
    const sent: Beacon[] = [
      beacon({ s: site.id, i: uuid7(clock.now()), u: `https://example.vn/c/${reader}`, ...(reader === 3 && { g: 1 }) }),
      beacon({ s: site.id, i: uuid7(clock.now()), e: 'heartbeat' }),
    ]
    const sender = { address: '127.0.0.1', userAgent: browser(500 + reader) }
    const { status } = await ship(product.url, { beacons: sent, userAgent: sender.userAgent })
    expect(status).toBe(204)
    facts.push(...sent.map((one) => beaconFact(one, sender, clock.now())))
  }

  /** The widget, the views of every path, and the SQL views of the store: all are what the recount says. */
  async function everythingIsRight(): Promise<void> {
    for (const site of SITES) {
      const expected = recount(site, facts)
      const patience = { timeoutMs: 20_000 }
      await widgetShows(product.url, site.id, expected.widgetAt(clock.now() / 1000), patience)
      const asked = [...new Set([...TRAFFIC_PATHS, ...expected.views.keys(), '/never'])]
      const views = await viewsOf(product.url, site.id, asked)
      expect([...views]).toEqual(asked.map((path) => [path, expected.viewsOf(path)]))
      await until(() => sqlIsRight(site), { ...patience, what: `the SQL views of ${site.id}` })
    }
  }

  async function sqlIsRight(site: RecountSite): Promise<true> {
    const { days, views } = recount(site, facts)
    const rows = async (sql: string) =>
      (await askEngine<object>(dataDir, sql)).map((row) => Object.values(row).join(' ')).sort()
    for (const { sql, expected } of SQL_VIEWS) expect(await rows(sql(site.id))).toEqual(expected(site, days).sort())
    const paths = await rows(`SELECT path, views FROM path_views WHERE site = '${site.id}'`)
    expect(paths).toEqual([...views].map((entry) => entry.join(' ')).sort())
    return true
  }

  const one = async <T>(sql: string): Promise<T> =>
    Object.values((await askEngine<object>(dataDir, sql))[0] ?? {})[0] as T
  const sealedThrough = () => one<string>('SELECT max(through) FROM seals')
  const rawEvents = () => one<number>('SELECT count() FROM events')
  const logged = (text: string) => product.logs().some(({ msg }) => String(msg).includes(text))

  /** What is lost here is what a broken disk or a careless hand takes: all that the counters know. */
  async function loseCounters(atIso: string): Promise<void> {
    await stop()
    rmSync(join(dataDir, 'counters'), { recursive: true })
    await start(atIso)
    await until(() => logged('The counters are made anew'), { what: 'the rebuild' })
  }

  beforeAll(async () => {
    clock = fakeClock(Date.now())
    await start('2027-03-01T09:00:00Z')
    for (const { id, unit, weekStart, timeZone } of SITES) {
      await createSite(product, { id, unit, weekStart, timeZone })
      keys.set(id, (await createKey(product, id)).key)
    }
  })
  afterAll(endEverything)

  it('counts five days, restarted on the way', async () => {
    const first = clock.now()
    await oneDay()
    clock.set(first + DAY_MS)
    await oneDay()
    await restart('2027-03-03T09:00:00Z')
    await oneDay()
    clock.set(first + 3 * DAY_MS)
    await oneDay()
    clock.set(first + 4 * DAY_MS)
    await oneDay(130, 47)
    await everythingIsRight()
    // 28 February closed on the 4th at 12:00 UTC; a log that is idle at its end says so too.
    await until(async () => (await sealedThrough()) === '2027-02-28')
  })

  // A day closes 84 hours after its last midnight: 7 March on the 11th at 12:00 UTC, 8 March on the 12th.
  it('seals what nothing can reach any more, although nothing comes, and every number stays', async () => {
    await restart('2027-03-12T11:00:00Z')
    await until(async () => (await sealedThrough()) === '2027-03-07')
    await everythingIsRight()
    await oneDay()
    await everythingIsRight()
  })

  it('makes lost counters anew from sealed days, raw events and the log’s tail', async () => {
    await restart('2027-03-27T09:00:00Z')
    await oneDay()
    await until(() => logged('the log was cut'), { timeoutMs: 15_000 })
    await everythingIsRight()
    await loseCounters('2027-03-27T09:01:00Z')
    await everythingIsRight()
    await oneDay()
    await everythingIsRight()
  })

  it('drops raw events after 400 days, and every number stays', async () => {
    expect(await rawEvents()).toBeGreaterThan(2000)
    await restart('2028-05-05T09:00:00Z')
    await until(async () => (await rawEvents()) === 0, { timeoutMs: 20_000 })
    await everythingIsRight()
    await oneDay()
    await everythingIsRight()
    expect(await one<string>('SELECT toString(min(day)) FROM events')).toMatch(/^2028-05-0[345]$/)
  })

  it('makes lost counters anew when only sealed rows are left of the past', async () => {
    await until(() => logged('the log was cut'), { timeoutMs: 15_000 })
    await loseCounters('2028-05-05T09:02:00Z')
    await everythingIsRight()
  })
})
