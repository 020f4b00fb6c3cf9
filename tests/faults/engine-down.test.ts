import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone, WidgetNumbers } from '../support/harness/index.js'
import { beacon, browser, endEverything, pause, request, ship, until, widget } from '../support/harness/index.js'
import {
  caughtUp,
  engineOf,
  expectTrueNumbers,
  health,
  nextEngine,
  Stage,
  watching,
  widgetEquals,
} from '../support/faults/index.js'
import { storeDifferences } from './stopped-folder.js'

const stage = new Stage()
let product: Standalone

beforeAll(async () => {
  product = await stage.start()
  await stage.makeSites(product)
})
afterAll(endEverything)

interface Look {
  shown: WidgetNumbers
  store: string | undefined
}

async function look(): Promise<Look> {
  const shown = await widget(product.url, 'in-pageviews')
  const { status, dependencies } = await health(product.opsUrl)
  expect([status, dependencies['log'], dependencies['counters']]).toEqual([200, 'up', 'up'])
  return { shown, store: dependencies['store'] }
}

/** Sends beacons while `fault` goes on and looks at widget and health as often as it can; gives what it saw. */
async function under(fault: () => Promise<void>): Promise<Look[]> {
  const flow = stage.traffic.start(product.url, { connections: 16, pauseMs: 10 })
  await pause(500)
  return watching(look, async () => {
    await fault()
    await pause(500)
  }).finally(() => flow.stop())
}

const numbersOf = (seen: readonly Look[]) => seen.map(({ shown }) => shown)

describe(`without the ClickHouse engine (seed ${stage.seed})`, () => {
  it('keeps beacons and shows true numbers while the engine is killed again and again, and says so', async () => {
    const seen = await under(async () => {
      for (let kills = 0; kills < 4; kills++) {
        const engine = engineOf(product)
        process.kill(engine.pid, 'SIGKILL')
        await nextEngine(product, engine)
        await pause(stage.random.below(300))
      }
      await until(async () => (await health(product.opsUrl)).dependencies['store'] === 'up', { timeoutMs: 20_000 })
    })
    expectTrueNumbers(numbersOf(seen))
    expect(new Set(seen.map(({ store }) => store))).toEqual(new Set(['up', 'down']))
  })

  it('keeps beacons and shows true numbers while the engine hangs for seconds', async () => {
    const engine = engineOf(product)
    process.kill(engine.pid, 'SIGSTOP')
    try {
      expectTrueNumbers(numbersOf(await under(() => pause(4000))))
      await widgetEquals(product.url, stage.expectations())
    } finally {
      process.kill(engine.pid, 'SIGCONT')
    }
  })

  it('answers 503, never 404, for a site that nobody can look up', async () => {
    const url = `${product.url}/w/not-known.json`
    const engine = engineOf(product)
    process.kill(engine.pid, 'SIGSTOP')
    try {
      const unknown = { beacons: [beacon({ s: 'not-known' })], userAgent: browser(1) }
      expect((await ship(product.url, unknown)).status).toBe(503)
      const { status, headers } = await request({ url })
      expect([status, headers['retry-after']]).toEqual([503, expect.stringMatching(/^\d+$/)])
    } finally {
      process.kill(engine.pid, 'SIGCONT')
    }
    await until(async () => (await request({ url })).status === 404, { what: 'the site to be known as unknown' })
  })

  it('has the history in the store afterwards, equal to the recount like the widget', async () => {
    expect([...stage.traffic.counts.requests.keys()]).toEqual([204])
    const expectations = stage.expectations()
    await widgetEquals(product.url, expectations)
    await caughtUp(product.opsUrl, 60_000)
    expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
    expect(await storeDifferences(product.dataDir, expectations)).toEqual([])
    stage.print(expectations)
  })
})
