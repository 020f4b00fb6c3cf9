import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import {
  beacon,
  browser,
  createKey,
  createSite,
  endEverything,
  getPixel,
  metricsOf,
  postBeacon,
  postEvents,
  request,
  requestJson,
  startStandalone,
  until,
  uuid7,
  valuesOf,
  widgetShows,
} from '../support/harness/index.js'

let product: Standalone
let ingestKey: string

const SITE = 'quiet-site'
const PAGE = 'secret-page'
const TITLE = 'secret-title'
const ADDRESS = '198.51.100.77'
const FORWARDED = '203.0.113.99'
const READER = 'SecretBrowser/7.7'
const WRONG_KEY = 'wrong-key-0123456789abcdef'
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

const ops = async (path: string, method = 'GET') => request({ url: `${product.opsUrl}${path}`, method })

/** Every door once or more, right and wrong, with things in it that nobody may write down. */
async function traffic(): Promise<void> {
  const reader = { 'User-Agent': `${browser(1)} ${READER}`, 'X-Forwarded-For': FORWARDED }
  const view = () => beacon({ s: SITE, u: `https://example.vn/${PAGE}`, n: TITLE })
  const kept = view()
  await postBeacon(product.url, kept, reader)
  await postBeacon(product.url, kept, reader)
  await postBeacon(product.url, [view(), { ...view(), w: 0 }, beacon({ s: SITE, e: 'heartbeat' })], reader)
  await postBeacon(product.url, view(), { ...reader, 'User-Agent': GOOGLEBOT })
  await postBeacon(product.url, view(), { ...reader, Purpose: 'prefetch' })
  await postBeacon(product.url, `{"n":"${TITLE}`, reader)
  await postBeacon(product.url, beacon({ s: 'nowhere', n: TITLE }), reader)
  await getPixel(product.url, { s: SITE, u: `https://example.vn/${PAGE}` }, reader)
  const event = {
    site: SITE,
    type: 'view',
    id: uuid7(),
    at: new Date().toISOString(),
    url: `https://example.vn/${PAGE}`,
  }
  await postEvents(product.url, ingestKey, [
    { ...event, ip: ADDRESS, userAgent: `Mozilla/5.0 ${READER}` },
    { bad: TITLE },
  ])
  await postEvents(product.url, WRONG_KEY, [event])
  await requestJson('POST', `${product.url}/v1/sites`, { id: TITLE, unit: TITLE }, product.adminKey)
  await requestJson('GET', `${product.url}/v1/sites/${PAGE}`, undefined, WRONG_KEY)
  for (const path of [
    `/w/${SITE}.json?p=/${PAGE}`,
    `/w/${SITE}.json?key=${TITLE}`,
    `/${PAGE}?k=${TITLE}`,
    `/%zz${PAGE}`,
  ])
    await request({ url: `${product.url}${path}`, headers: reader })
}

beforeAll(async () => {
  product = await startStandalone({ env: { LOG_LEVEL: 'trace' } })
  await createSite(product, { id: SITE, unit: 'pageviews' })
  ingestKey = (await createKey(product, SITE)).key
  await traffic()
  await widgetShows(product.url, SITE, { total: 4 })
})

afterAll(endEverything)

describe('health', () => {
  it('names in JSON the state of each thing that it depends on', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await ops(path)
      expect([answer.status, answer.headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^application\/json/),
      ])
      const states = Object.values((answer.json() as { dependencies: Record<string, unknown> }).dependencies)
      expect(states.length).toBeGreaterThan(2)
      expect(new Set(states)).toEqual(new Set(['up']))
    }
  })

  it('and metrics are on the ops port alone, and nothing else is there', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect([path, (await request({ url: `${product.url}${path}` })).status]).toEqual([path, 404])
    for (const path of ['/', '/c', '/w/demo.json', '/v1/sites'])
      expect([path, (await ops(path)).status]).toEqual([path, 404])
  })
})

describe('metrics', () => {
  const TYPES = {
    beacons_total: 'counter',
    events_total: 'counter',
    log_append_seconds: 'histogram',
    consumer_lag: 'gauge',
    freshness_seconds: 'histogram',
    batch_size: 'histogram',
    counter_apply_seconds: 'histogram',
    store_insert_seconds: 'histogram',
    dead_letters_total: 'counter',
    counter_drift: 'gauge',
    snapshot_age_seconds: 'gauge',
    widget_requests_total: 'counter',
    untrusted_forwarded_total: 'counter',
  }

  it('have the names and types of the contract', async () => {
    const { types } = await metricsOf(product.opsUrl)
    const found = Object.keys(TYPES).map((name) => [name, types.get(`truycap_${name}`)])
    expect(Object.fromEntries(found)).toEqual(TYPES)
  })

  it('count what became of every beacon and of every event', async () => {
    expect(await valuesOf(product.opsUrl, 'truycap_beacons_total')).toEqual({
      kept: 6,
      bot: 1,
      prefetch: 1,
      bad_field: 2,
      bad_json: 1,
      site_not_found: 1,
      unauthorized: 1,
    })
    expect(await valuesOf(product.opsUrl, 'truycap_events_total')).toMatchObject({ counted: 4, repeat: 1 })
    const widgetRequests = await valuesOf(product.opsUrl, 'truycap_widget_requests_total')
    expect(widgetRequests).toMatchObject({ 200: expect.any(Number), 400: 1 })
  })

  it('show no lag when all is counted and stored', async () => {
    const caughtUp = async () => Object.keys(await valuesOf(product.opsUrl, 'truycap_consumer_lag')).length === 0
    await until(caughtUp, { what: 'both groups to catch up' })
    const { samples } = await metricsOf(product.opsUrl)
    const stored = samples.find(({ name }) => name === 'truycap_store_insert_seconds_count')
    expect(stored?.value).toBeGreaterThan(0)
    const fresh = samples.filter(({ name }) => name === 'truycap_freshness_seconds_bucket')
    const all = fresh.find(({ labels }) => labels['le'] === '+Inf')?.value
    expect(all).toBeGreaterThan(0)
    expect(fresh.find(({ labels }) => labels['le'] === '2')?.value).toBe(all)
  })

  it('carry no site, path, address or reader in any label', async () => {
    const { text, samples } = await metricsOf(product.opsUrl)
    for (const secret of [SITE, 'demo', PAGE, TITLE, FORWARDED, ADDRESS, '127.0.0.1', READER, 'nowhere'])
      expect(text).not.toContain(secret)
    const own = samples.filter(({ name }) => name.startsWith('truycap_'))
    const labels = new Set(own.flatMap((sample) => Object.keys(sample.labels)))
    const known = new Set(['outcome', 'group', 'partition', 'reason', 'status', 'period', 'le'])
    expect([...labels].filter((label) => !known.has(label))).toEqual([])
  })
})

describe('an X-Forwarded-For of a peer that is not trusted', () => {
  it('is not believed, is counted, and is warned of once', async () => {
    await createSite(product, { id: 'behind', unit: 'visitors' })
    const before = await valuesOf(product.opsUrl, 'truycap_untrusted_forwarded_total')
    for (let n = 1; n <= 3; n += 1)
      await postBeacon(product.url, beacon({ s: 'behind' }), { 'X-Forwarded-For': `203.0.113.${n}` })
    await widgetShows(product.url, 'behind', { total: 1 })
    expect(await valuesOf(product.opsUrl, 'truycap_untrusted_forwarded_total')).toEqual({ '': (before[''] ?? 0) + 3 })
    expect(product.logs().filter(({ msg }) => /X-Forwarded-For/.test(String(msg)))).toHaveLength(1)
  })
})

describe('the log', () => {
  it('is one JSON object a line, with a time and a level', () => {
    const lines = product
      .stderr()
      .split('\n')
      .filter((line) => line !== '')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        level: expect.anything(),
        time: expect.anything(),
        msg: expect.any(String),
      })
  })

  it('has no key, address, User-Agent, page or title in it, whatever was sent', () => {
    const said = product.stdout() + product.stderr()
    for (const secret of [product.adminKey, ingestKey, WRONG_KEY, FORWARDED, ADDRESS, READER, 'Googlebot', PAGE, TITLE])
      expect(said).not.toContain(secret)
  })
})
