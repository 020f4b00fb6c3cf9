import { resolve } from 'node:path'
import { expect } from 'vitest'
import { recount, recountSite } from '../../support/recount/index.js'
import {
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createSite,
  factsOf,
  oneConnection,
  type Outcome,
  pause,
  request,
  requestJson,
  resultOf,
  ship,
  type Standalone,
  startStandalone,
  until,
  viewsOf,
  widgetShows,
} from '../../support/harness/index.js'
import { scrape, strangeLabels, sumOf } from './metric-labels.js'

const GOOD_CONNECTIONS = 4
const GOOD_PAUSE_MS = 25
const GOOD_PAGES = 40
const GOOD_BROWSERS = 60

/** The log keeps 8 MiB of its end in memory: that is filled at once, so that filling it does not look like a leak. */
const TAIL_EVENTS = 45_000

/** What is left of the product's memory when all garbage is gone, bytes. */
export interface Heap {
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
  readonly rss: number
}

/** A running product with the sites that the attacks aim at, and one that only good beacons are for. */
export interface Stage {
  readonly product: Standalone
  readonly port: number
  readonly opsPort: number
  /** Ingest key of the site `fuzz`. */
  readonly ingestKey: string
  /** Owner key of the site `prey`. */
  readonly ownerKey: string
  heap(): Promise<Heap>
}

const portOf = (url: string) => Number(new URL(url).port)

/** Sites: `good`; `fuzz`, any host; `strict`, with every rule set; `prey` and `doomed` for the owner door; `canary`, which must stay at zero. */
export async function openStage(): Promise<Stage> {
  const preload = resolve(import.meta.dirname, 'heap-on-signal.mjs')
  const product = await startStandalone({
    nodeArgs: ['--expose-gc', '--import', preload],
    env: { TRUST_PROXY: '127.0.0.1' },
  })
  await product.waitReady()
  await createSite(product, { id: 'good', timeZone: calmTimeZone(), unit: 'pageviews' })
  await createSite(product, { id: 'fuzz', bots: 'count', pageQueryKeys: ['id', '__proto__'] })
  const strict = { hosts: ['example.vn', '*.example.vn'], excludedAddresses: ['198.51.100.0/24'] }
  await createSite(product, { id: 'strict', bots: 'drop', ...strict })
  await createSite(product, { id: 'prey' })
  await createSite(product, { id: 'doomed' })
  await createSite(product, { id: 'canary' })
  const { key: ingestKey } = await createKey(product, 'fuzz', 'ingest')
  const { key: ownerKey } = await createKey(product, 'prey', 'owner')
  await fillTail(product, ingestKey)
  return {
    product,
    port: portOf(product.url),
    opsPort: portOf(product.opsUrl),
    ingestKey,
    ownerKey,
    heap: () => heapOf(product),
  }
}

async function fillTail({ url }: Standalone, ingestKey: string): Promise<void> {
  for (let at = 0; at < TAIL_EVENTS; at += 1000) {
    const events = Array.from({ length: 1000 }, (_, n) => ({
      site: 'fuzz',
      type: 'view',
      id: `tail-${at + n}`,
      at: new Date().toISOString(),
      url: `https://example.vn/tail/${n}`,
      title: 'x'.repeat(150),
      visitor: `v${n}`,
    }))
    const answer = await requestJson('POST', `${url}/v1/events`, events, ingestKey)
    expect(answer.json()).toMatchObject({ accepted: 1000 })
  }
}

async function heapOf(product: Standalone): Promise<Heap> {
  const lines = () => product.logs().filter(({ msg }) => msg === 'heap')
  const before = lines().length
  process.kill(product.pid, 'SIGUSR2')
  await until(() => lines().length > before, { what: 'the heap of the product' })
  return lines().at(-1) as unknown as Heap
}

export interface GoodTraffic {
  /** Ends it and gives all outcomes. */
  stop(): Promise<Outcome[]>
}

/** Beacons of real readers at a calm rate while the attack goes on. */
export function startGoodTraffic(url: string): GoodTraffic {
  const outcomes: Outcome[] = []
  let sent = 0
  const stopping = new AbortController()
  const drive = async () => {
    const agent = oneConnection()
    while (!stopping.signal.aborted) {
      const n = sent++
      const shipment = {
        // One host in Latin-1 as it stands: what the runtime takes it for has changed under load before.
        beacons: [
          beacon({
            s: 'good',
            u: `https://${n % 2 === 0 ? 'example.vn' : 'b\u00e1o.vn'}/tin/${n % GOOD_PAGES}`,
            r: 'https://example.com/',
          }),
        ],
        userAgent: browser(n % GOOD_BROWSERS),
        forwardedFor: `203.0.113.${n % 200}`,
      }
      const attempt = await ship(url, shipment, agent, 30_000)
      outcomes.push({ shipment, result: resultOf(attempt), attempts: [attempt] })
      await pause(GOOD_PAUSE_MS)
    }
    agent.destroy()
  }
  const done = Promise.all(Array.from({ length: GOOD_CONNECTIONS }, drive))
  return {
    stop: async () => {
      stopping.abort()
      await done
      return outcomes
    },
  }
}

/** Every good beacon was taken, and every number of its site is what an independent recount says. */
export async function expectGoodCounted({ product }: Stage, outcomes: readonly Outcome[]): Promise<void> {
  const bad = outcomes.filter(({ result }) => result !== 'acked')
  expect(bad.map(({ result, attempts }) => ({ result, attempt: attempts[0] }))).toEqual([])
  const site = recountSite({ id: 'good', timeZone: calmTimeZone(), unit: 'pageviews' })
  const [counted, later] = (['sent', 'answered'] as const).map((moment) => recount(site, factsOf(outcomes, moment)))
  const nowSeconds = Math.floor(Date.now() / 1000)
  const { online: _, ...numbers } = counted!.widgetAt(nowSeconds)
  expect(later!.widgetAt(nowSeconds)).toMatchObject(numbers)
  await widgetShows(product.url, 'good', numbers)
  expect(await viewsOf(product.url, 'good', [...counted!.views.keys()])).toEqual(counted!.views)
}

/** The process is the same and well; nothing broke inside, nothing acknowledged was unreadable, no label is new. */
export async function expectUnharmed({ product }: Stage, pid: number): Promise<void> {
  expect(product.pid).toBe(pid)
  expect((await request({ url: `${product.opsUrl}/health/ready` })).json()).toEqual({
    status: 'ready',
    dependencies: { log: 'up', registry: 'up', counters: 'up', store: 'up' },
  })
  const errors = product.logs().filter(({ level }) => typeof level === 'number' && level >= 50)
  expect(errors).toEqual([])
  const lagIsGone = async () => sumOf(await scrape(product.opsUrl), 'truycap_consumer_lag') === 0
  await until(lagIsGone, { what: 'both groups at the end of the log', timeoutMs: 30_000 })
  const samples = await scrape(product.opsUrl)
  expect(strangeLabels(samples)).toEqual([])
  expect(sumOf(samples, 'truycap_beacons_total', { outcome: 'internal' })).toBe(0)
  expect(sumOf(samples, 'truycap_dead_letters_total')).toBe(0)
  expect((await request({ url: `${product.url}/w/canary.json` })).json()).toMatchObject({ total: 0, online: 0 })
}

/** It also ends as it should. */
export async function expectOrderlyEnd({ product }: Stage): Promise<void> {
  expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
}

/** Growth in MiB between two readings, of all that JavaScript holds. */
export function growthMiB(before: Heap, after: Heap): number {
  const held = (heap: Heap) => heap.heapUsed + heap.external
  return (held(after) - held(before)) / 1024 / 1024
}
