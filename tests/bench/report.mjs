// docs/performance.md from what was measured.
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const WHAT = {
  intake: ['`POST /c`', 'a beacon'],
  events: ['`POST /v1/events`, 500 at once', 'an event'],
  read: ['`GET /w/demo.json`', 'a read'],
}

const whole = (number) => Math.round(number).toLocaleString('en')
const kernel = () => readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim().split('-')[0]

function machine(pinned) {
  const [cpu] = cpus()
  return [
    `- ${cpus().length} cores of ${cpu.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${kernel()}, Node ${process.versions.node}`,
    pinned
      ? '- servers pinned to core 0, load generator and ClickHouse engine to core 1'
      : '- nothing pinned: the figures are noisier than they need be',
  ].join('\n')
}

function doorTable(doors) {
  const rows = doors.map(({ kind, connections, rateRatio, cpuRatio, bare, product }) => {
    const [door, unit] = WHAT[kind]
    const cells = [
      `${door}: ${unit}`,
      connections,
      `**${rateRatio.toFixed(2)}**`,
      `**${cpuRatio.toFixed(2)}**`,
      `${whole(product.perSecond)} of ${whole(bare.perSecond)}`,
      `${product.cpuUs.toFixed(1)} of ${bare.cpuUs.toFixed(1)}`,
      product.engineUs.toFixed(1),
      `${product.p50Ms.toFixed(1)} / ${product.p99Ms.toFixed(1)}`,
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| door | connections | ratio of rates | ratio of CPU | a second, of bare | CPU us, of bare | engine us | p50 / p99 ms |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function counterTable(counters) {
  return [
    '| what | figure |',
    '|---|---|',
    `| CPU of an event: plan, load, reduce, commit | ${counters.usPerEvent.toFixed(2)} us, ${whole(1e6 / counters.usPerEvent)} a second |`,
    `| ratio to a bare Set of ids and Map of counters | ${(1 / counters.ratioToBareSet).toFixed(2)} |`,
    `| memory of a visitor of the day (visit record) | ${counters.bytesPerVisitor_visitRecord} bytes |`,
    `| memory of a (visitor, path) of the day, with the id of its event | ${counters.bytesPerView_idAndPathRecord} bytes |`,
    `| checkpoint of everything, ${whole(counters.visitors)} visitors with 3 paths each | ${whole(counters.fullCheckpointMs)} ms |`,
  ].join('\n')
}

/** The page; written by `npm run bench`, never by hand. */
export function pageOf({ doors, counters, pinned, rounds, seconds, warmUpUnits }) {
  return `# What it costs

Written by \`npm run bench\`; do not edit. Figures depend on the machine, ratios much less.

${machine(pinned)}
- each row: ${rounds} rounds of ${seconds} s against the bare server and the product in turn, in one run, after ${warmUpUnits.toLocaleString('en')}
  of its units to warm up each; median of the ratios
- keep-alive connections, one request in flight on each, browser-like headers, beacons of about 240 bytes, every id new, 20,000
  readers, 2,000 pages, 200 browsers

## Doors

The **bare server** is node:http alone: read the body, \`JSON.parse\`, 204; for the read a prepared buffer. The product does
everything: judge, stamp, hash, sync to disk before the answer, count, keep the widget's numbers fresh, insert into the store.
Its CPU is that of the whole Node process until all that was sent is counted and stored; the ClickHouse engine is a process of
its own and has its own column. 1.00 would be as fast as the bare server.

${doors.length === 0 ? '(not measured)' : doorTable(doors)}

## Counters

${counters === null ? '(not measured)' : counterTable(counters)}
`
}
