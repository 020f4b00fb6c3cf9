import { afterAll, beforeAll, expect, it } from 'vitest'
import { partitionOf } from '#domain'
import { EVENT_PARTITIONS } from '#adapters/kafka'
import { clusterCaughtUp } from '../support/faults/index.js'
import type { Flow } from '../support/faults/traffic.js'
import {
  browser,
  Cluster,
  endEverything,
  pause,
  postEvents,
  requestJson,
  until,
  uuid7,
  viewsOf,
  widget,
} from '../support/harness/index.js'
import { withRedis } from '../support/servers/redis.js'

const SITES = Array.from({ length: 1000 }, (_, n) => `site-${n}`)
const PATHS_PER_SITE = 100
const READERS_PER_SITE = 20
const BLOCK = 5000
/** What issue and pipeline promise. */
const TAKE_OVER_MS = 15_000
const OTHERS_DELAY_MS = 2000

let cluster: Cluster
/** Views of each site that were acknowledged. */
const views = new Map<string, number>()
beforeAll(async () => {
  cluster = await Cluster.start({
    collectors: 1,
    aggregators: 3,
    env: { RATE_PER_SECOND: '0', TRUST_PROXY: '127.0.0.1' },
  })
}, 120_000)
afterAll(endEverything)

/** Work for each of many, a few at a time. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<unknown>, atOnce = 16): Promise<void> {
  const left = [...all]
  const worker = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const viewOf = (site: string, path: string, reader: number) => ({
  site,
  type: 'view',
  id: uuid7(),
  at: new Date().toISOString(),
  url: `https://${site}.vn${path}`,
  ip: `10.${reader >> 8}.${reader & 255}.7`,
  userAgent: browser(reader),
})

async function send(events: readonly ReturnType<typeof viewOf>[]): Promise<void> {
  const answer = await postEvents(cluster.url, cluster.adminKey, events)
  expect(answer.json()).toMatchObject({ accepted: events.length })
  for (const { site } of events) views.set(site, (views.get(site) ?? 0) + 1)
}

const isShown = async (site: string, total: number) => (await widget(cluster.url, site)).total >= total

/** One view of a site, and how long it takes until the widget shows it, ms. */
async function shownAfterMs(site: string): Promise<number> {
  const startedAt = performance.now()
  await send([viewOf(site, '/p0', 1)])
  const total = views.get(site)!
  await until(() => isShown(site, total), { timeoutMs: 60_000, everyMs: 20, what: `${site} to show ${total}` })
  return Math.round(performance.now() - startedAt)
}

/** A site of each partition. */
function oneOfEach(): string[] {
  const byPartition = new Map(SITES.map((site) => [partitionOf(site, EVENT_PARTITIONS), site]))
  return [...byPartition.values()]
}

const redisBytes = () =>
  withRedis(cluster.servers.redis, async (redis) => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]))

it('has 1,000 sites', async () => {
  const startedAt = performance.now()
  await each(SITES, async (id) => {
    const answer = await requestJson('POST', `${cluster.url}/v1/sites`, { id, unit: 'pageviews' }, cluster.adminKey)
    expect(answer.status).toBe(201)
  })
  await until(async () => (await widget(cluster.url, SITES.at(-1)!)).total === 0, { timeoutMs: 30_000 })
  console.log(`1,000 sites made in ${Math.round(performance.now() - startedAt)} ms`)
})

it('counts views of 100,000 paths, each number right at every door', async () => {
  const before = await redisBytes()
  const all = SITES.flatMap((site, s) =>
    Array.from({ length: PATHS_PER_SITE }, (_, p) =>
      viewOf(site, `/p${p}`, s * READERS_PER_SITE + (p % READERS_PER_SITE)),
    ),
  )
  const startedAt = performance.now()
  for (let at = 0; at < all.length; at += BLOCK) await send(all.slice(at, at + BLOCK))
  const takenMs = performance.now() - startedAt
  await clusterCaughtUp(cluster, 120_000)
  const countedMs = performance.now() - startedAt
  const bytes = (await redisBytes()) - before
  const rate = (ms: number) => `${Math.round((all.length * 1000) / ms)}/s`
  console.log(`100,000 events taken at ${rate(takenMs)}, counted and stored at ${rate(countedMs)}`)
  console.log(
    `Redis: ${Math.round(bytes / all.length)} B a view of a path of its own, all counters and records included`,
  )
  await each(SITES, async (site) => {
    const { total, today } = await widget(cluster.url, site)
    expect({ site, total, today }).toEqual({ site, total: PATHS_PER_SITE, today: PATHS_PER_SITE })
    const paths = Array.from({ length: PATHS_PER_SITE }, (_, p) => `/p${p}`)
    const shown = await viewsOf(cluster.url, site, paths)
    expect([...shown.values()]).toEqual(paths.map(() => 1))
  })
  const { clickhouse } = cluster.servers
  const sql = 'SELECT count(), min(views), max(views), uniqExact(site) FROM path_views'
  expect(await clickhouse.query(sql, cluster.database)).toBe('100000\t1\t1\t1000\n')
})

it('gives the partitions of an aggregator that dies to the others, and to one that joins', async () => {
  const [first] = cluster.all('aggregator')
  for (const [what, change] of [
    ['dies', () => first!.kill()],
    ['joins', () => first!.start()],
    ['leaves in order', () => first!.process.stop()],
    ['joins', () => first!.start()],
  ] as const) {
    const startedAt = performance.now()
    await change()
    const delays = await Promise.all(oneOfEach().map(shownAfterMs))
    const tookMs = Math.round(performance.now() - startedAt)
    console.log(`one of three aggregators ${what}: every partition is counted after ${tookMs} ms`)
    expect(Math.max(...delays)).toBeLessThan(TAKE_OVER_MS)
  }
})

it('lets a flood at one site delay its own partition and no other', async () => {
  const flooded = SITES[0]!
  const own = partitionOf(flooded, EVENT_PARTITIONS)
  const neighbour = SITES.find((site) => site !== flooded && partitionOf(site, EVENT_PARTITIONS) === own)!
  const other = SITES.find((site) => partitionOf(site, EVENT_PARTITIONS) !== own)!
  const calm = [await shownAfterMs(other), await shownAfterMs(neighbour)]
  const flow = flood(flooded)
  await pause(2000)
  const [others, neighbours]: [number[], number[]] = [[], []]
  try {
    for (let n = 0; n < 10; n++) {
      const [one, two] = await Promise.all([shownAfterMs(other), shownAfterMs(neighbour)])
      others.push(one)
      neighbours.push(two)
    }
  } finally {
    await flow.stop()
  }
  const figures = { calm, others: Math.max(...others), neighbours: Math.max(...neighbours) }
  console.log(`shown after, ms, at most, while ${flooded} has ${views.get(flooded)} views: ${JSON.stringify(figures)}`)
  expect(Math.max(...others)).toBeLessThan(OTHERS_DELAY_MS + Math.max(...calm))
  await clusterCaughtUp(cluster, 120_000)
  for (const site of [flooded, neighbour, other]) expect((await widget(cluster.url, site)).total).toBe(views.get(site))
})

/** Blocks of server events, one after the other, as fast as they are taken. */
function flood(site: string): Flow {
  const over = new AbortController()
  const drive = async () => {
    for (let n = 0; !over.signal.aborted; n += 500) {
      await send(Array.from({ length: 500 }, (_, i) => viewOf(site, `/p${i % PATHS_PER_SITE}`, (n + i) % 5000)))
    }
  }
  const done = Promise.all([drive(), drive()])
  return {
    stop: async () => {
      over.abort()
      await done
    },
  }
}
