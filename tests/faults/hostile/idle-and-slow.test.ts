import { afterAll, beforeAll, expect, it } from 'vitest'
import { beacon, browser, endEverything, pause, request, ship, until } from '../../support/harness/index.js'
import { RawConnection } from './raw-client.js'
import { BEGINNINGS } from './socket-attacks.js'
import {
  expectGoodCounted,
  expectOrderlyEnd,
  expectUnharmed,
  growthMiB,
  openStage,
  type Stage,
  startGoodTraffic,
} from './stage.js'

const IDLE = 10_000
/** Opened together; more at once would only fill the kernel's queue. */
const AT_ONCE = 250
/** Each client address has its own ports, and what earlier tests left in TIME_WAIT takes none of them. */
const ADDRESSES = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14']
const HELD_MS = 3000
const MAX_GROWTH_MIB = 8

const SLOW_EACH = 10
/** Header within 30 s, looked at every 30 s; a beacon's body within 30 s. */
const SLOW_CUT_WITHIN_MS = 65_000
const DRIBBLE_EVERY_MS = 1000

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(endEverything)

async function openIdle(count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  while (connections.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - connections.length) }, (_, n) =>
      RawConnection.open(stage.port, ADDRESSES[(connections.length + n) % ADDRESSES.length]),
    )
    connections.push(...(await Promise.all(batch)))
  }
  return connections
}

/** Connections on which one byte comes every second, in the middle of each kind of request. */
async function openSlow(): Promise<{ connections: RawConnection[]; stop: () => void }> {
  // An NDJSON stream may take hours, so its sender is not slow; and before the first byte a connection is idle.
  const beginnings = BEGINNINGS.filter((bytes) => bytes.length > 0 && !bytes.includes('ndjson'))
  const opened = beginnings.flatMap((bytes) =>
    Array.from({ length: SLOW_EACH }, async () => {
      const connection = await RawConnection.open(stage.port, '127.0.0.15')
      connection.socket.write(bytes)
      return connection
    }),
  )
  const connections = await Promise.all(opened)
  const dribble = setInterval(() => {
    for (const { socket, isOpen } of connections) if (isOpen) socket.write('1')
  }, DRIBBLE_EVERY_MS)
  return { connections, stop: () => clearInterval(dribble) }
}

const alive = (connections: readonly RawConnection[]) => connections.filter(({ isOpen }) => isOpen).length

it('serves among 10,000 idle connections, and sends slow senders away', async () => {
  const { pid } = stage.product
  const good = startGoodTraffic(stage.product.url)
  await pause(2000)
  const before = await stage.heap()
  const slow = await openSlow()
  const slowSince = performance.now()

  const startedAt = performance.now()
  const idle = await openIdle(IDLE)
  const openedMs = performance.now() - startedAt
  expect(alive(idle)).toBe(IDLE)
  const holding = await stage.heap()
  const asked = performance.now()
  expect((await request({ url: `${stage.product.url}/w/demo.json` })).status).toBe(200)
  expect((await ship(stage.product.url, { beacons: [beacon()], userAgent: browser(1) })).status).toBe(204)
  const answeredMs = performance.now() - asked
  await pause(HELD_MS)
  expect(alive(idle)).toBe(IDLE)
  for (const connection of idle) connection.cut()

  await until(() => alive(slow.connections) === 0, {
    timeoutMs: SLOW_CUT_WITHIN_MS,
    everyMs: 200,
    what: 'the end of slow senders',
  })
  slow.stop()
  const slowMs = performance.now() - slowSince
  const after = await stage.heap()
  const outcomes = await good.stop()
  const growth = growthMiB(before, after)
  console.log(
    `${IDLE} idle connections in ${openedMs.toFixed(0)} ms, a read and a beacon among them ${answeredMs.toFixed(0)} ms · ` +
      `heap +${growthMiB(before, holding).toFixed(0)} MiB meanwhile, +${growth.toFixed(1)} MiB after · ` +
      `${slow.connections.length} slow senders gone after ${(slowMs / 1000).toFixed(0)} s · good beacons ${outcomes.length}`,
  )
  expect(growth).toBeLessThan(MAX_GROWTH_MIB)
  await expectGoodCounted(stage, outcomes)
  await expectUnharmed(stage, pid)
  await expectOrderlyEnd(stage)
})
