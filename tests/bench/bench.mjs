// `npm run bench`: what the hot doors cost, as ratios to a bare node:http server, in interleaved rounds of one run, and what the
// counters cost in time and memory. Writes docs/performance.md. `--rounds 5 --seconds 3 --only intake,read --no-write`
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildIfNeeded } from '../../scripts/build-if-needed.mjs'
import { canPin, cpuSeconds, KEY, startBare, startLoad, startProduct } from './processes.mjs'
import { pageOf } from './report.mjs'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'intake,events,read,counters' },
    connections: { type: 'string', default: '64,256' },
    'events-connections': { type: 'string', default: '8' },
    'no-write': { type: 'boolean', default: false },
    metrics: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
  },
})
const only = options.only.split(',')
const ROUNDS = Number(options.rounds)
const ROUND_MS = Number(options.seconds) * 1000
/** What V8 has compiled and the caches hold depends on how much came, not on how long it took: a slow machine warms up for longer. */
const WARM_UP_UNITS = 150_000

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** One round against one server: what was answered in the time, and the CPU until all of it is counted and stored. */
async function round(load, server, order) {
  const before = cpuSeconds(server.pid)
  const engineBefore = server.enginePid === undefined ? 0 : cpuSeconds(server.enginePid)
  const result = await load.run({ ...order, port: server.port, key: KEY })
  await server.settled()
  const cpuUs = ((cpuSeconds(server.pid) - before) * 1e6) / result.units
  const engineUs =
    server.enginePid === undefined ? 0 : ((cpuSeconds(server.enginePid) - engineBefore) * 1e6) / result.units
  return { ...result, cpuUs, engineUs }
}

async function warmUp(load, server, order) {
  for (let units = 0; units < WARM_UP_UNITS;) units += (await round(load, server, order)).units
}

async function compare(load, bare, product, kind, connections) {
  const order = { kind, connections, ms: ROUND_MS }
  for (const server of [bare, product]) await warmUp(load, server, order)
  const pairs = []
  for (let n = 0; n < ROUNDS; n++) {
    const one = await round(load, bare, order)
    const other = await round(load, product, order)
    pairs.push({ bare: one, product: other })
    const rate = (side) => Math.round(side.perSecond).toLocaleString('en')
    console.error(
      `${kind} ${connections}: bare ${rate(one)}/s ${one.cpuUs.toFixed(1)} us · product ${rate(other)}/s ${other.cpuUs.toFixed(1)} us`,
    )
  }
  const of = (side, key) => median(pairs.map((pair) => pair[side][key]))
  return {
    kind,
    connections,
    rateRatio: median(pairs.map((pair) => pair.product.perSecond / pair.bare.perSecond)),
    cpuRatio: median(pairs.map((pair) => pair.bare.cpuUs / pair.product.cpuUs)),
    bare: { perSecond: of('bare', 'perSecond'), cpuUs: of('bare', 'cpuUs') },
    product: {
      perSecond: of('product', 'perSecond'),
      cpuUs: of('product', 'cpuUs'),
      engineUs: of('product', 'engineUs'),
      p50Ms: of('product', 'p50Ms'),
      p99Ms: of('product', 'p99Ms'),
    },
  }
}

async function measureDoors(kinds) {
  if (kinds.length === 0) return []
  const rows = []
  const nodeArgs = options['cpu-prof'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options['cpu-prof']}`]
  const [load, bare, product] = [startLoad(), await startBare(), await startProduct(nodeArgs)]
  try {
    for (const kind of kinds) {
      const list = kind === 'events' ? options['events-connections'] : options.connections
      for (const connections of list.split(',').map(Number)) {
        rows.push(await compare(load, bare, product, kind, connections))
      }
    }
  } finally {
    load.stop()
    if (options.metrics) console.error(await product.metrics())
    await Promise.all([bare.stop(), product.stop()])
  }
  return rows
}

/** In a process of its own, so that its memory is only the counters'. */
function measureCounters() {
  const script = fileURLToPath(new URL('counters.bench.mjs', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error('the bench of the counters failed')
  return JSON.parse(stdout)
}

buildIfNeeded()
const doors = await measureDoors(['intake', 'events', 'read'].filter((kind) => only.includes(kind)))
const counters = only.includes('counters') ? measureCounters() : null
const page = pageOf({
  doors,
  counters,
  pinned: canPin,
  rounds: ROUNDS,
  seconds: ROUND_MS / 1000,
  warmUpUnits: WARM_UP_UNITS,
})
console.log(page)
if (!options['no-write'] && only.length === 4) {
  writeFileSync(fileURLToPath(new URL('../../docs/performance.md', import.meta.url)), page)
}
