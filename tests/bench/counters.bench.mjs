// What the counting core costs: `npm run build && node --expose-gc tests/bench/counters.bench.mjs [visitors]`
// Memory per visitor of the day and per (visitor, path), and CPU per event of plan + load + reduce + commit,
// as a ratio to a bare loop that only adds the same events to a Set of ids and a Map of counters in the same run.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { EmbeddedCounters } from '#adapters/embedded'
import { BatchPlan, reduce } from '#domain'

const VISITORS = Number(process.argv[2] ?? 500_000)
const PATHS_EACH = 3
const BATCH = 500
const DAY = 20_416

const facts = {
  host: 'example.vn',
  title: '',
  referrerHost: '',
  language: 'vi',
  zone: '',
  width: 0,
  country: 'VN',
  browser: '',
  system: '',
  device: '',
  bot: false,
  name: '',
  props: '',
  engagedSeconds: 0,
}

function eventsOf(from, count, site, pathsEach) {
  const events = []
  for (let n = from; n < from + count; n++) {
    const visitor = Buffer.alloc(8)
    visitor.writeUInt32BE(Math.imul(n, 0x9e3779b1) >>> 0, 0)
    visitor.writeUInt32BE(n, 4)
    for (let p = 0; p < pathsEach; p++) {
      const t = DAY * 86_400 + (n % 80_000) + p * 40
      events.push({
        appendedAtMs: t * 1000,
        event: {
          type: 'view',
          site,
          id: randomBytes(16),
          idAtMs: t * 1000,
          receivedAtMs: t * 1000,
          t,
          day: DAY,
          visitor,
          onlineId: null,
          visitTimeout: 1800,
          entry: false,
          path: `/tin/${(n + p * 7) % 5000}`,
          facts,
        },
      })
    }
  }
  return events
}

/** External memory too: typed arrays lie outside the heap, and are let go of only some turns after their owners. */
async function used() {
  for (let n = 0; n < 5; n++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function feed(counters, events) {
  for (let at = 0; at < events.length; at += BATCH) {
    const plan = new BatchPlan(events.slice(at, at + BATCH))
    const next = (await counters.next(0)) ?? 0
    await counters.commit(0, next, reduce(plan, await counters.load(0, plan)), next + plan.events.length)
  }
}

async function measure(pathsEach) {
  const folder = mkdtempSync(join(tmpdir(), 'truycap-bench-'))
  const counters = await EmbeddedCounters.open({ folder, partitions: 1, checkpointEveryMs: 1e9 })
  const before = await used()
  let cpuMs = 0
  for (let at = 0; at < VISITORS; at += 10_000) {
    const events = eventsOf(at, 10_000, 'bench', pathsEach)
    const start = process.cpuUsage()
    await feed(counters, events)
    const spent = process.cpuUsage(start)
    cpuMs += (spent.user + spent.system) / 1000
  }
  const bytes = (await used()) - before
  const startedAt = performance.now()
  await counters.checkpoint()
  const checkpointMs = performance.now() - startedAt
  await counters.close()
  rmSync(folder, { recursive: true, force: true })
  return { events: VISITORS * pathsEach, bytes, usPerEvent: (cpuMs * 1000) / (VISITORS * pathsEach), checkpointMs }
}

function bare() {
  const ids = new Set()
  const counts = new Map()
  let cpu = 0
  for (let at = 0; at < 100_000; at += 10_000) {
    const events = eventsOf(at, 10_000, 'bench', 1)
    const start = process.cpuUsage()
    for (const { event } of events) {
      const id = event.id.toString('latin1')
      if (ids.has(id)) continue
      ids.add(id)
      counts.set(event.path, (counts.get(event.path) ?? 0) + 1)
    }
    const spent = process.cpuUsage(start)
    cpu += (spent.user + spent.system) / 1000
  }
  return (cpu * 1000) / 100_000
}

const one = await measure(1)
const several = await measure(PATHS_EACH)
const baseline = bare()
// one: visits + id + one (visitor, path). several: visits + PATHS_EACH x (id + path). Ids are measured by the difference of both.
const perVisitorAndView = one.bytes / VISITORS
const perView = (several.bytes - one.bytes) / (VISITORS * (PATHS_EACH - 1))
console.log(
  JSON.stringify(
    {
      visitors: VISITORS,
      bytesPerView_idAndPathRecord: Math.round(perView),
      bytesPerVisitor_visitRecord: Math.round(perVisitorAndView - perView),
      usPerEvent: Number(several.usPerEvent.toFixed(2)),
      ratioToBareSet: Number((several.usPerEvent / baseline).toFixed(1)),
      fullCheckpointMs: Math.round(several.checkpointMs),
    },
    null,
    2,
  ),
)
