import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eraseEvent, type Event, ONLINE_MEMORY_SECONDS, partitionOf, reduce, seedOperations } from '#domain'
import { bytesOf, eventOf, FIRST_DAY } from '#domain/testing'
import { assertRedisKeeps, connectRedis, RedisCounters } from '#adapters/redis'
import { applyAt, planOf, readAll } from '#ports/testing'
import { endEverything, tempFolder, until } from '../support/harness/index.js'
import { Way } from '../support/servers/way.js'
import { type RedisServer, startRedis, startRedisCluster, withRedis } from '../support/servers/redis.js'

const DAY_MS = 86_400_000
const NOON = FIRST_DAY * 86_400 + 43_200
const ONE_OF_EACH = { pageviews: 1, visits: 1, visitors: 1 }
let server: RedisServer
const opened: { close(): Promise<void> }[] = []

const open = (url = server.url, partitions = 1) => {
  const counters = RedisCounters.connect({ url, partitions })
  opened.push(counters)
  return counters
}
const apply = (counters: RedisCounters, events: readonly Event[]) => applyAt(counters, 0, events)
const views = (from: number, to: number, overrides: Partial<Event> = {}): Event[] =>
  Array.from({ length: to - from }, (_, i) => {
    const n = from + i
    return eventOf({ site: 'aa', id: bytesOf(16, n), visitor: bytesOf(8, n), onlineId: bytesOf(8, n), ...overrides })
  })
const pageviews = async (counters: RedisCounters, site = 'aa') =>
  (await readAll(counters, site, ['t'])).buckets[0].pageviews
const keys = () => withRedis(server, (redis) => redis.keys('*'))
const emptied = () => withRedis(server, (redis) => redis.flushall())
const elapsed = async (work: Promise<unknown>) => {
  const startedAt = performance.now()
  await expect(work).rejects.toThrow()
  return performance.now() - startedAt
}

beforeEach(async () => {
  server ??= await startRedis({ directives: { appendfsync: 'always' } })
  await emptied()
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})
afterAll(endEverything)

/** A byte of the last command before the last EXEC is the last one. */
function tearLastTransaction(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.incr.aof'))
  const file = join(folder, files.toSorted().at(-1)!)
  truncateSync(file, readFileSync(file).lastIndexOf('*1\r\n$4\r\nEXEC') - 3)
}

describe('a commit', () => {
  it('counts once when its answer was lost and ioredis sent it again, and knows that it was its own', async () => {
    const way = await Way.open(server)
    opened.push(way)
    const counters = open(`redis://127.0.0.1:${way.port}`)
    await apply(counters, views(0, 1))
    const plan = planOf(views(1, 3))
    const operations = reduce(plan, await counters.load(0, plan))
    const cut = way.cutNextAnswer()
    expect(await counters.commit(0, 1, operations, 3)).toEqual({ applied: true })
    await cut
    expect(await counters.next(0)).toBe(3)
    expect(await pageviews(open())).toBe(3)
  })

  it('tells of a Redis that was rolled back where it stands, and readers that knew more are given nothing', async () => {
    const counters = open()
    const api = open()
    await apply(counters, views(0, 10))
    const old = tempFolder()
    await cp(server.folder, old, { recursive: true })
    await apply(counters, views(10, 20))
    expect(await pageviews(api)).toBe(20)
    const plan = planOf(views(20, 30))
    const operations = reduce(plan, await counters.load(0, plan))
    await server.kill()
    await rm(server.folder, { recursive: true })
    await cp(old, server.folder, { recursive: true })
    await server.restart()
    const outcome = await until(() => counters.commit(0, 20, operations, 30).catch(() => undefined))
    expect(outcome).toEqual({ applied: false, current: 10 })
    await until(() => api.read('aa', { buckets: [], onlineAfter: 0, onlineUntil: 0 }).catch(String))
    await expect(pageviews(api)).rejects.toThrow('went back from 20 to 10')
    await apply(counters, views(10, 30))
    expect(await pageviews(api)).toBe(30)
  })

  it('is not counted twice when the append-only file ends inside it, however often Redis starts', async () => {
    const counters = open()
    await apply(counters, views(0, 5))
    await apply(counters, views(5, 10))
    await server.kill()
    // Redis cuts the torn command off on loading and leaves the MULTI before it open: what is written next comes to lie in it.
    tearLastTransaction(server.folder)
    await server.restart()
    const again = open()
    expect(await again.next(0)).toBe(5)
    await apply(again, views(5, 10))
    await server.restart()
    expect(await open().next(0)).toBe(10)
    expect(await pageviews(open())).toBe(10)
  })

  it('is refused when the records were loaded from a state that was rolled back and made again since', async () => {
    const counters = open()
    const plan = planOf(views(5, 10))
    await apply(counters, views(0, 5))
    const operations = reduce(plan, await counters.load(0, plan))
    await emptied()
    await apply(open(), views(5, 10))
    expect(await counters.commit(0, 5, operations, 10)).toEqual({ applied: false, current: 5 })
  })

  it('finds no state in an emptied Redis, and nothing is read from it', async () => {
    const counters = open()
    await apply(counters, views(0, 5))
    expect(await pageviews(counters)).toBe(5)
    await emptied()
    expect(await counters.next(0)).toBeNull()
    await expect(pageviews(counters)).rejects.toThrow('went back')
    await expect(pageviews(open())).rejects.toThrow('not caught up')
    await counters.caughtUp(0, 5, 1000)
    await expect(pageviews(open())).rejects.toThrow('not caught up')
  })

  it.each(['out of memory', 'read-only'])('rejects and leaves nothing half applied when Redis is %s', async (what) => {
    const counters = open()
    await apply(counters, views(0, 5))
    const before = await dump()
    const set = (isBad: boolean) =>
      withRedis(server, async (redis) => {
        if (what === 'out of memory') await redis.config('SET', 'maxmemory', isBad ? '1mb' : '0')
        else await (isBad ? redis.replicaof('127.0.0.1', 1) : redis.replicaof('NO', 'ONE'))
      })
    const batch = [eraseEvent('aa', 1), ...views(5, 10)]
    const plan = planOf(batch)
    const operations = reduce(plan, await counters.load(0, plan))
    await set(true)
    await expect(counters.commit(0, 5, operations, 11)).rejects.toThrow(/OOM|READONLY/)
    await set(false)
    expect(await dump()).toEqual(before)
    expect(await counters.commit(0, 5, operations, 11)).toEqual({ applied: true })
    expect(await pageviews(counters)).toBe(5)
  })

  it('that a bug ends half-way leaves no state, which is then made anew from the beginning', async () => {
    const counters = open()
    await apply(counters, views(0, 5))
    await withRedis(server, (redis) => redis.set('truycap:{0.0}0/v/aa', 'of another type'))
    const plan = planOf(views(5, 6))
    const operations = reduce(plan, await counters.load(0, plan))
    await expect(counters.commit(0, 5, operations, 6)).rejects.toThrow('WRONGTYPE')
    await expect(pageviews(open())).rejects.toThrow('not caught up')
    expect(await counters.next(0)).toBeNull()
    await apply(counters, views(0, 6))
    expect(await pageviews(counters)).toBe(6)
    expect(await open().next(0)).toBe(6)
    expect((await keys()).filter((key) => key.startsWith('truycap:{0.0}0/'))).toEqual([])
  })

  it('goes on when the server has forgotten the scripts', async () => {
    const counters = open()
    await apply(counters, views(0, 1))
    await withRedis(server, (redis) => redis.script('FLUSH'))
    await apply(counters, views(1, 2))
    expect(await pageviews(counters)).toBe(2)
  })
})

describe('the keys', () => {
  it('stay listpacks however many records come, and every record is found again', async () => {
    const counters = open()
    const all = views(0, 6000)
    for (let at = 0; at < all.length; at += 500) await apply(counters, all.slice(at, at + 500))
    await apply(counters, all.slice(0, 3000))
    const { buckets } = await readAll(counters, 'aa', ['t'])
    expect(buckets[0]).toEqual({ pageviews: 6000, visits: 6000, visitors: 6000 })
    const records = (await keys()).filter((key) => /\/[ri]\d/.test(key))
    const encodings = await withRedis(server, (redis) =>
      Promise.all(records.map((key) => redis.object('ENCODING', key))),
    )
    expect(new Set(encodings)).toEqual(new Set(['listpack']))
    const levels = new Set(records.map((key) => /\/(\d)\//.exec(key)![1]))
    expect(levels).toEqual(new Set(['0', '1', '2']))
  })

  it('of a site are all gone with its erasure, those of another are not', async () => {
    const counters = open()
    await apply(counters, views(0, 3000))
    await apply(counters, views(0, 1, { site: 'bb' }))
    await apply(counters, [eraseEvent('aa', 1)])
    expect((await keys()).filter((key) => key.includes('/aa'))).toEqual([])
    expect(await pageviews(counters, 'bb')).toBe(1)
  })

  it('of a site that is seen again in the batch of its erasure are found again', async () => {
    const counters = open()
    const again = (id: number, seconds: number) => views(id, id + 1, { visitor: bytesOf(8, 1), t: NOON + seconds })
    await apply(counters, again(1, 0))
    await apply(counters, [eraseEvent('aa', 1), ...again(2, 60)])
    await apply(counters, again(3, 120))
    const { buckets } = await readAll(counters, 'aa', ['t'])
    expect(buckets).toEqual([{ pageviews: 2, visits: 1, visitors: 1 }])
  })

  it('of closed days go with later commits, and counters stay', async () => {
    const counters = open()
    await apply(counters, views(0, 3000))
    const later = (n: number) => views(n, n + 1, { site: 'bb', day: FIRST_DAY + 30 })
    for (let n = 0; n < 3; n++) await applyAt(counters, 0, later(n), (FIRST_DAY + 30) * DAY_MS)
    const left = (await keys()).filter((key) => key.includes('/aa')).map((key) => key.replace(/.*\/(?=.+\/aa)/, ''))
    expect(new Set(left)).toEqual(new Set(['call/aa', 'c2025-11/aa', 'v/aa', 'o/aa']))
    expect(await pageviews(counters)).toBe(3000)
  })

  it('of online ids lose those that no window reaches any more', async () => {
    const counters = open()
    const t = FIRST_DAY * 86_400
    const at = (n: number, second: number) => views(n, n + 1, { t: t + second })
    await applyAt(counters, 0, [...at(1, 0), ...at(2, 1)], t * 1000)
    await applyAt(counters, 0, at(3, ONLINE_MEMORY_SECONDS), (t + ONLINE_MEMORY_SECONDS) * 1000)
    const online = (await keys()).find((key) => key.endsWith('o/aa'))!
    expect(await withRedis(server, (redis) => redis.zcard(online))).toBe(2)
  })

  it('of a rebuild that was never finished, and of a state that was replaced, are deleted', async () => {
    const counters = open()
    await apply(counters, views(0, 3))
    const before = await keys()
    const left = await counters.rebuild(0)
    await left.apply(reduce(planOf(views(0, 3)), await left.load(planOf(views(0, 3)))))
    expect((await keys()).length).toBeGreaterThan(before.length)
    const successor = open()
    expect(await successor.next(0)).toBe(3)
    expect((await keys()).toSorted()).toEqual(before.toSorted())
    await expect(left.finish(3)).rejects.toThrow("not this rebuild's")
    const rebuild = await successor.rebuild(0)
    await rebuild.finish(3)
    expect((await keys()).toSorted()).toEqual(['truycap:{0.0}', 'truycap:{0.0}1/header'])
  })
})

describe('a rebuild', () => {
  it('takes the numbers of years of sealed days at once', async () => {
    const counters = open()
    const days = Array.from({ length: 3000 }, (_, n) => ({ site: 'aa', day: FIRST_DAY - n, ...ONE_OF_EACH }))
    const paths = Array.from({ length: 7000 }, (_, n) => ({ site: 'aa', path: `/${n}`, delta: 1 }))
    const rebuild = await counters.rebuild(0)
    await rebuild.apply(seedOperations(days, paths))
    await rebuild.finish(7)
    await counters.caughtUp(0, 7, 1000)
    expect((await readAll(counters, 'aa', ['t'])).buckets).toEqual([{ pageviews: 3000, visits: 3000, visitors: 3000 }])
    expect((await counters.views('aa', ['/0', '/6999', '/7000'])).views).toEqual([1, 1, 0])
  })
})

describe('the connection', () => {
  it('rejects within a bounded time while Redis is away or silent, and comes back by itself', async () => {
    const counters = open()
    await apply(counters, views(0, 1))
    process.kill(server.pid, 'SIGSTOP')
    const silent = await elapsed(counters.next(0))
    process.kill(server.pid, 'SIGCONT')
    await server.kill()
    const away = await elapsed(counters.next(0))
    expect(Math.max(silent, away)).toBeLessThan(3000)
    await server.restart()
    expect(await until(() => counters.next(0))).toBe(1)
  })

  it('to a cluster does so too when one master dies, and the partitions of the others go on', async () => {
    const cluster = await startRedisCluster()
    const counters = open(cluster.url, 32)
    const sites = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg'].map((site) => ({ site, partition: partitionOf(site, 32) }))
    for (const { site, partition } of sites) await applyAt(counters, partition, views(0, 1, { site }))
    const dead = sites.filter(({ partition }) => partition < 10)
    expect(dead.length).toBeGreaterThan(0)
    await cluster.masters[0].kill()
    expect(await elapsed(pageviews(counters, dead[0].site))).toBeLessThan(3500)
    await cluster.masters[0].restart()
    for (const { site } of sites) expect(await until(() => pageviews(counters, site))).toBe(1)
    await cluster.stop()
  })

  it('is refused to a Redis that would evict keys, and to one without an append-only file unless that is wanted', async () => {
    const client = connectRedis({ url: server.url })
    opened.push({ close: async () => client.disconnect() })
    const set = (name: string, value: string) => withRedis(server, (redis) => redis.config('SET', name, value))
    await assertRedisKeeps(client)
    await set('appendonly', 'no')
    await expect(assertRedisKeeps(client)).rejects.toThrow('no append-only file')
    await assertRedisKeeps(client, { allowWithoutAof: true })
    await set('maxmemory-policy', 'allkeys-lru')
    await expect(assertRedisKeeps(client, { allowWithoutAof: true })).rejects.toThrow('allkeys-lru')
    await set('maxmemory-policy', 'noeviction')
    await set('appendonly', 'yes')
  })
})

async function dump(): Promise<Record<string, string>> {
  return withRedis(server, async (redis) => {
    const names = (await redis.keys('*')).toSorted()
    return Object.fromEntries(
      await Promise.all(names.map(async (key) => [key, (await redis.dumpBuffer(key))?.toString('hex')])),
    )
  })
}
