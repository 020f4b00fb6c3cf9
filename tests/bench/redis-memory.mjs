// What the counters cost in Redis: `npm run build && node tests/bench/redis-memory.mjs [visitors] [speed]`
// Starts a redis-server of its own; tells bytes per record by kind (MEMORY of the server over what was added), bytes per
// record of tiny sites, what the layouts that were not taken cost, and the speed of plan + load + reduce + commit.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { RedisCounters } from '#adapters/redis'
import { BatchPlan, NO_EVENT_FACTS, reduce } from '#domain'

const VISITORS = Number(process.argv[2] ?? 200_000)
const BATCH = 500
const DAY = 20_416

const probe = createServer().listen(0, '127.0.0.1')
await once(probe, 'listening')
const { port } = probe.address()
probe.close()
const folder = mkdtempSync(join(tmpdir(), 'truycap-redis-bench-'))
const flags = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes']
const server = spawn('redis-server', flags.map(String), { stdio: 'ignore' })
process.on('exit', () => {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
const redis = new Redis({ port, host: '127.0.0.1' })
redis.on('error', () => undefined)
await redis.ping()

async function usedBytes() {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1])
}

async function cpuSeconds() {
  const info = await redis.info('cpu')
  return Number(/used_cpu_user:([\d.]+)/.exec(info)[1]) + Number(/used_cpu_sys:([\d.]+)/.exec(info)[1])
}

/** Bytes that the work adds, each. */
async function bytesEach(count, work) {
  await redis.flushall()
  const before = await usedBytes()
  await work()
  return Math.round(((await usedBytes()) - before) / count)
}

function eventOf({ n, type = 'view', site = 'bench', path = '/', online = false, visitor = n, day = DAY }) {
  const t = day * 86_400 + 20_000 + (n % 900)
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(Math.imul(visitor, 0x9e3779b1) >>> 0, 0)
  bytes.writeUInt32BE(visitor >>> 0, 4)
  return {
    appendedAtMs: t * 1000,
    event: {
      type,
      site,
      id: randomBytes(16),
      idAtMs: t * 1000,
      receivedAtMs: t * 1000,
      t,
      day,
      visitor: visitor < 0 ? null : bytes,
      onlineId: online ? bytes : null,
      visitTimeout: 1800,
      entry: false,
      path,
      facts: NO_EVENT_FACTS,
    },
  }
}

async function feed(count, factsOf, from = 0) {
  const counters = RedisCounters.connect({ url: `redis://127.0.0.1:${port}`, partitions: 1 })
  let next = from
  const startedAt = performance.now()
  for (let at = 0; at < count; at += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, count - at) }, (_, i) => eventOf(factsOf(at + i)))
    const plan = new BatchPlan(events)
    const records = await counters.load(0, plan)
    const outcome = await counters.commit(0, next, reduce(plan, records), (next += events.length))
    if (!outcome.applied) throw new Error(JSON.stringify(outcome))
  }
  await counters.close()
  return { ms: performance.now() - startedAt }
}

/** Sites of so many visitors each. */
const sitesOf = (size) => (n) => ({ n, type: 'event', site: `s${Math.floor(n / size)}` })

async function perRecord(count) {
  const id = await bytesEach(count, () => feed(count, (n) => ({ n, type: 'event', visitor: -1 })))
  const idAndVisit = await bytesEach(count, () => feed(count, (n) => ({ n, type: 'event' })))
  const all = await bytesEach(count, () => feed(count, (n) => ({ n, path: `/tin/${n % 100}` })))
  const online = await bytesEach(count, () => feed(count, (n) => ({ n, type: 'heartbeat', online: true })))
  return { id, visitor: idAndVisit - id, visitorAndPath: all - idAndVisit, onlineId: online }
}

/** Alternatives, written directly: ids as 64-bit integers in intsets of 400, ids in plain sets, one bucket a visitor. */
async function others(count) {
  const inSlices = (command) => async () => {
    for (let at = 0; at < count; at += 1000) {
      const pipeline = redis.pipeline()
      for (let n = at; n < Math.min(count, at + 1000); n++) command(pipeline, n)
      await pipeline.exec()
    }
  }
  const sets = Math.ceil(count / 400)
  const intset = (p, n) => p.sadd(`{0.0}0/i20416/bench/2/${n % sets}`, randomBytes(8).readBigInt64BE().toString())
  const bucketEach = (p, n) => p.hset(`{0.0}0/r20416/bench/${n.toString(36)}`, randomBytes(8), randomBytes(6))
  return {
    id64InIntsets: await bytesEach(count, inSlices(intset)),
    id128InOneSet: await bytesEach(
      count,
      inSlices((p) => p.sadd('ids', randomBytes(16))),
    ),
    visitorInABucketOfItsOwn: await bytesEach(count, inSlices(bucketEach)),
    visitorInOnePlainHash: await bytesEach(
      count,
      inSlices((p) => p.hset('runs', randomBytes(8), randomBytes(6))),
    ),
  }
}

/** CPU of a bare pipelined HSET in the same run: tells how busy this machine is, so that only ratios to it are compared. */
async function bareHset() {
  const redisBefore = await cpuSeconds()
  const nodeBefore = process.cpuUsage()
  for (let n = 0; n < 50_000; n += 1000) {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 1000; i++) pipeline.hset(`bare${i % 500}`, randomBytes(8), randomBytes(6))
    await pipeline.exec()
  }
  return { redisUs: ((await cpuSeconds()) - redisBefore) * 20, nodeUs: nodeUs(nodeBefore) / 50_000 }
}

function nodeUs(since) {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

/** A site's first day, in which every level fills up, and its second, which begins where the first would have fitted. */
async function speed(count) {
  await redis.flushall()
  const bare = await bareHset()
  const days = {}
  let next = 0
  for (const [name, day] of [
    ['firstDay', DAY],
    ['secondDay', DAY + 1],
  ]) {
    const redisBefore = await cpuSeconds()
    const nodeBefore = process.cpuUsage()
    const { ms } = await feed(count, (n) => ({ n, path: `/tin/${n % 5000}`, online: true, day }), next)
    next += count
    days[name] = {
      eventsPerSecond: Math.round((count / ms) * 1000),
      redisInBareHsets: Number((((await cpuSeconds()) - redisBefore) * 1e6) / count / bare.redisUs).toFixed(1),
      nodeInBareHsets: Number(nodeUs(nodeBefore) / count / bare.nodeUs).toFixed(1),
    }
  }
  return { bareHsetUs: bare, ...days }
}

const tiny = async (size) => bytesEach(20_000, () => feed(20_000, sitesOf(size)))
const memory = async () => ({
  bytesEach: await perRecord(VISITORS),
  bytesEach_2000: await perRecord(2000),
  bytesPerVisitorAndId_sitesOf: { 5: await tiny(5), 50: await tiny(50), 500: await tiny(500), 5000: await tiny(5000) },
  otherLayouts: await others(VISITORS),
})
const figures = { ...(process.argv[3] !== 'speed' && (await memory())), speed: await speed(VISITORS / 2) }
console.log(JSON.stringify(figures, null, 2))
redis.disconnect()
process.exit(0)
