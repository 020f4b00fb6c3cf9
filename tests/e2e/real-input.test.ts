import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecountSite, SentEvent, Unit } from '../support/recount/index.js'
import { factsOfAccessLog, serverFact } from '../support/recount/index.js'
import type { NewSite, Receipt, Standalone } from '../support/harness/index.js'
import {
  agreesWithRecount,
  createKey,
  createRecountedSite,
  endEverything,
  launch,
  postEvents,
  REPOSITORY,
  startStandalone,
  TEST_ADMIN_KEY,
  uuid7,
} from '../support/harness/index.js'

const FILE = resolve(REPOSITORY, 'tests/support/data/semicomplete-2015-05.access.log')
const LOG = readFileSync(FILE, 'utf8')
const HOST = 'https://semicomplete.com'
const LAST_SECONDS = 47 * 3600

/** Says itself that it is a program. */
const OBVIOUS_CRAWLER = /googlebot|bingbot|baiduspider|yandexbot|msnbot|slurp|crawler|python-|curl\/|wget/i
/** Names a browser of people, and nothing that calls itself otherwise. */
const OBVIOUS_BROWSER =
  /^Mozilla\/5\.0 \((Windows NT|Macintosh|X11|iPhone|iPad)[^)]*\) (AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) (Chrome|Version)\/[\d.]+( Mobile\/\w+)? Safari\/[\d.]+|Gecko\/\d+ Firefox\/[\d.]+)$/

let product: Standalone
const crawlers = new Map<string, boolean>()

/** The whole log as the recount reads it, before it is known who is a crawler. */
const reading = (site: string, endSeconds: number) =>
  factsOfAccessLog(LOG, {
    site,
    host: HOST,
    endSeconds,
    lastSeconds: LAST_SECONDS,
    isCrawler: (userAgent) => crawlers.get(userAgent) ?? false,
  })

/** The product's verdict of each User-Agent, asked one by one at a site that drops crawlers. */
async function learnCrawlers(userAgents: ReadonlySet<string>): Promise<void> {
  const { id: site } = await createRecountedSite(product, { id: 'probe' })
  const { key } = await createKey(product, site)
  for (const userAgent of userAgents) {
    const event = { site, type: 'view', id: uuid7(), at: new Date().toISOString(), url: `${HOST}/`, userAgent }
    const { accepted, dropped } = (await postEvents(product.url, key, [event])).json() as Receipt
    expect(accepted + (dropped['bot'] ?? 0)).toBe(1)
    crawlers.set(userAgent, accepted === 0)
  }
}

interface Replayed {
  code: number | null
  stdout: string
  endSeconds: number
}

/** Runs the replay command as a person would, and reads off where it moved the log to. */
async function replay(site: string): Promise<Replayed> {
  const args = [FILE, '--site', site, '--url', product.url, '--host', HOST, '--end', 'now', '--last', '47h']
  const command = launch({
    entry: resolve(REPOSITORY, 'dist/apps/replay/src/main.js'),
    args,
    env: { TRUYCAP_ADMIN_KEY: TEST_ADMIN_KEY, PORT: undefined, OPS_PORT: undefined, HOST: undefined },
  })
  const { code } = await command.exited
  const moved = /moved to (\S+)/.exec(command.stdout())?.[1]
  if (moved === undefined) throw new Error(`the replay said: ${command.stdout()}${command.stderr()}`)
  return { code, stdout: command.stdout(), endSeconds: Date.parse(moved) / 1000 }
}

const UNITS: Unit[] = ['pageviews', 'visits', 'visitors']
const KINDS: [string, Omit<NewSite, 'id' | 'unit'>][] = [
  ['counts', { bots: 'count' }],
  ['drops', { bots: 'drop', timeZone: 'America/New_York' }],
]

beforeAll(async () => {
  product = await startStandalone()
  await learnCrawlers(
    new Set(
      reading('any', 0)
        .map(({ userAgent = '' }) => userAgent)
        .filter((one) => one !== ''),
    ),
  )
})

afterAll(endEverything)

it('holds people and crawlers, and the product takes none that is obvious for the other', () => {
  const all = [...crawlers]
  const obviousCrawlers = all.filter(([userAgent]) => OBVIOUS_CRAWLER.test(userAgent))
  const obviousBrowsers = all.filter(([userAgent]) => OBVIOUS_BROWSER.test(userAgent))
  expect(obviousCrawlers.length).toBeGreaterThan(10)
  expect(obviousBrowsers.length).toBeGreaterThan(50)
  expect(obviousCrawlers.filter(([, isCrawler]) => !isCrawler)).toEqual([])
  expect(obviousBrowsers.filter(([, isCrawler]) => isCrawler)).toEqual([])
})

describe.each(KINDS)('an access log into a site that %s crawlers', (kind, settings) => {
  it.each(UNITS)('shows the %s of the recount, and the views of every path', async (unit) => {
    const site: RecountSite = await createRecountedSite(product, { id: `${kind}-${unit}`, unit, ...settings })
    const { code, stdout, endSeconds } = await replay(site.id)
    expect(`${code} ${stdout}`).toMatch(/^0 /)
    const facts = reading(site.id, endSeconds)
    const counted = await agreesWithRecount(product.url, site, facts)
    expect(counted.views.size).toBeGreaterThan(100)
    expect(counted.numbersAt(endSeconds)[unit].total).toBeGreaterThan(200)
    expect(counted.counted.length < facts.length).toBe(kind === 'drops')
  })
})

it('counts nothing twice when the same log is replayed again', async () => {
  const site = await createRecountedSite(product, { id: 'again', unit: 'pageviews', bots: 'count' })
  const { endSeconds } = await replay(site.id)
  const facts = reading(site.id, endSeconds)
  await agreesWithRecount(product.url, site, facts)
  expect((await replay(site.id)).code).toBe(0)
  // One more reader comes after all the repeats: when that one is seen, they were too.
  const { key } = await createKey(product, site.id)
  const at = new Date(endSeconds * 1000).toISOString()
  const last: SentEvent = { site: site.id, type: 'view', id: 'last', at, url: `${HOST}/last`, visitor: 'last' }
  expect((await postEvents(product.url, key, [last])).json()).toMatchObject({ accepted: 1 })
  const counted = await agreesWithRecount(product.url, site, [...facts, serverFact(last, Date.now())])
  expect(counted.counted.length).toBe(facts.length + 1)
})
