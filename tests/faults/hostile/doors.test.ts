import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { endEverything } from '../../support/harness/index.js'
import { faultOf } from './answer-rules.js'
import { doorRequests, type DoorRequest } from './door-requests.js'
import { scrape } from './metric-labels.js'
import { type Exchange, RawConnection } from './raw-client.js'
import {
  expectGoodCounted,
  expectOrderlyEnd,
  expectUnharmed,
  growthMiB,
  openStage,
  type Stage,
  startGoodTraffic,
} from './stage.js'

/** Run again with the seed that was printed: HOSTILE_SEED=… */
const SEED = Number(process.env['HOSTILE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** Two rounds: what the second leaves behind is a leak, as every cache is bounded and full by then. */
const REQUESTS_PER_ROUND = 11_000
const CONNECTIONS = 32
const SAMPLE = 500
/** Half a kilobyte a request would be over it; what is counted meanwhile stays well below. */
const MAX_GROWTH_MIB = 8

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(endEverything)

interface Fault {
  readonly door: string
  readonly fault: string
  readonly request: string
  readonly answer: string
}

function judge(request: DoorRequest, { answers, end, rest }: Exchange): Fault | null {
  const [answer] = answers
  let fault = answer === undefined ? `no answer (${end})` : faultOf(answer, request.rule)
  if (answers.length > 1) fault = `${answers.length} answers`
  if (rest.length > 0) fault = `bytes behind the answer: ${rest.toString('latin1').slice(0, 100)}`
  if (fault === null) return null
  const sent = request.bytes.toString('latin1').slice(0, 400)
  return { door: request.door, fault, request: sent, answer: answer?.body.toString().slice(0, 200) ?? '' }
}

/** Sends them all over a few connections that are kept as long as the product keeps them. */
async function sendAll(requests: Iterator<DoorRequest>, faults: Fault[], statuses: Map<string, number>): Promise<void> {
  const connections: { public?: RawConnection; ops?: RawConnection } = {}
  for (let next = requests.next(); !next.done; next = requests.next()) {
    const { value: request } = next
    const kept = connections[request.port]
    const port = request.port === 'ops' ? stage.opsPort : stage.port
    const connection = kept?.isOpen ? kept : await RawConnection.open(port)
    connections[request.port] = connection
    const exchanged = await connection.send(request.bytes, { head: request.rule.head, timeoutMs: 10_000 })
    // A connection that closed between two requests tells nothing: once more on a new one.
    const isLateClose = kept === connection && exchanged.answers.length === 0 && exchanged.end === 'closed'
    const result = isLateClose ? await again(port, request) : exchanged
    const fault = judge(request, result)
    if (fault !== null) faults.push(fault)
    const status = `${request.door} ${result.answers[0]?.status ?? result.end}`
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (result.end !== 'answered') connection.cut()
  }
  connections.public?.cut()
  connections.ops?.cut()
}

async function again(port: number, request: DoorRequest): Promise<Exchange> {
  const connection = await RawConnection.open(port)
  const result = await connection.send(request.bytes, { head: request.rule.head, timeoutMs: 10_000 })
  connection.cut()
  return result
}

/** One of each kind, so that a hundred of the first do not hide the second. */
function kindsOf(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((one) => [`${one.door} ${one.fault}`, one])).values()].slice(0, 20)
}

function* requestsOf(round: number): Generator<DoorRequest> {
  const keys = { ingest: stage.ingestKey, owner: stage.ownerKey, admin: stage.product.adminKey }
  const arbitrary = doorRequests(keys)
  for (let at = 0; at < REQUESTS_PER_ROUND; at += SAMPLE) {
    yield* fc.sample(arbitrary, { numRuns: SAMPLE, seed: SEED + round * REQUESTS_PER_ROUND + at })
  }
}

async function fuzz(round: number, statuses: Map<string, number>): Promise<Fault[]> {
  const faults: Fault[] = []
  const requests = requestsOf(round)
  await Promise.all(Array.from({ length: CONNECTIONS }, () => sendAll(requests, faults, statuses)))
  return faults
}

it('answers 22,000 hostile requests at every door as the contract says, and counts good beacons exactly meanwhile', async () => {
  console.log(`HOSTILE_SEED=${SEED}`)
  const { pid } = stage.product
  const good = startGoodTraffic(stage.product.url)
  const statuses = new Map<string, number>()
  const first = await fuzz(0, statuses)
  const before = await stage.heap()
  const second = await fuzz(1, statuses)
  const after = await stage.heap()
  const outcomes = await good.stop()
  const growth = growthMiB(before, after)
  console.log(
    [...statuses]
      .sort()
      .map(([name, count]) => `${name}: ${count}`)
      .join(' · '),
  )
  console.log(
    `good beacons ${outcomes.length} · heap grew by ${growth.toFixed(1)} MiB · RSS ${(after.rss / 2 ** 20).toFixed(0)} MiB`,
  )
  expect(kindsOf([...first, ...second])).toEqual([])
  expect(growth).toBeLessThan(MAX_GROWTH_MIB)
  await expectGoodCounted(stage, outcomes)
  await expectUnharmed(stage, pid)
  expect((await scrape(stage.product.opsUrl)).length).toBeGreaterThan(0)
  await expectOrderlyEnd(stage)
})
