import { readdirSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import type { Outcome, Shipment } from '../support/harness/index.js'
import {
  agreesWithRecount,
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createRecountedSite,
  endEverything,
  factsOf,
  launch,
  pause,
  postEventsBody,
  request,
  resend,
  ship,
  startLoad,
  startStandalone,
  until,
  uuid7,
} from '../support/harness/index.js'

afterAll(endEverything)

const CONNECTIONS = 30
const ENV = { TRUST_PROXY: '127.0.0.1', RATE_PER_SECOND: '0' }

it('ends under load from 30 connections within 30 s with exit code 0, and every 204 is counted once', async () => {
  const first = await startStandalone({ env: ENV })
  const site = await createRecountedSite(first, { id: 'loaded', timeZone: calmTimeZone(), unit: 'pageviews' })
  const shipmentOf = (n: number): Shipment => ({
    beacons: Array.from({ length: n % 7 === 0 ? 3 : 1 }, (_, i) =>
      beacon({ s: site.id, u: `https://example.vn/${(n + i) % 20}` }),
    ),
    userAgent: browser(n % 50),
    forwardedFor: `203.0.113.${n % 100}`,
  })
  const load = startLoad({ url: first.url, connections: CONNECTIONS, shipmentOf })
  await until(() => load.count('acked') > 1000, { what: 'the load to be on' })
  const stopped = await first.stop()
  expect(stopped).toMatchObject({ code: 0, signal: null, wasKilled: false, leftBehind: 0 })
  expect(stopped.durationMs).toBeLessThan(30_000)
  const outcomes = await load.done
  expect(load.count('acked') + load.count('unanswered')).toBe(outcomes.length)
  expect(load.count('unanswered')).toBeLessThanOrEqual(CONNECTIONS)

  const second = await startStandalone({ dataDir: first.dataDir, env: ENV })
  const acked = outcomes.filter(({ result }) => result === 'acked')
  const settled: Outcome[] = await resend(second.url, outcomes)
  expect(settled.every(({ result }) => result === 'acked')).toBe(true)
  // What had its 204 already is sent again too: a repeat, that changes nothing.
  for (const { shipment } of acked.slice(-200)) await ship(second.url, shipment)
  const marker = { beacons: [beacon({ s: site.id, u: 'https://example.vn/last' })], userAgent: browser(0) }
  const attempt = await ship(second.url, marker)
  const all: Outcome[] = [...settled, { shipment: marker, result: 'acked', attempts: [attempt] }]
  await agreesWithRecount(second.url, site, factsOf(all, 'answered'))
  expect(await second.stop()).toMatchObject({ code: 0, leftBehind: 0 })
})

it('is not ready while it drains, and answers in full what was under way', async () => {
  const product = await startStandalone()
  await createRecountedSite(product, { id: 'slow' })
  const { key } = await createKey(product, 'slow')
  const line = () =>
    Buffer.from(
      `${JSON.stringify({ site: 'slow', type: 'view', id: uuid7(), at: new Date().toISOString(), url: 'https://example.vn/' })}\n`,
    )
  const ready = async () => (await request({ url: `${product.opsUrl}/health/ready` })).status
  let wasNotReady = false
  async function* lines() {
    yield line()
    await pause(100)
    process.kill(product.pid, 'SIGTERM')
    await until(async () => (await ready()) === 503, { what: 'not ready while it drains', everyMs: 10 })
    expect((await request({ url: `${product.opsUrl}/health/live` })).status).toBe(200)
    wasNotReady = true
    yield line()
  }
  const answer = await postEventsBody(product.url, key, lines())
  expect([wasNotReady, answer.status, answer.json()]).toEqual([true, 200, expect.objectContaining({ accepted: 2 })])
  expect(await product.exited).toEqual({ code: 0, signal: null })
})

it('ends with exit code 0 also when it is asked to before it listens, and leaves a good folder', async () => {
  const early = launch()
  await until(() => readdirSync(early.dataDir).length > 0, { everyMs: 5, what: 'its first file' })
  const stopped = await early.stop()
  expect(stopped).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
  const product = await startStandalone({ dataDir: early.dataDir })
  await product.waitReady(2000)
})
