import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { endEverything, pause, widget } from '../support/harness/index.js'
import { between, caughtUp, processesOf, Stage, widgetEquals } from '../support/faults/index.js'
import { storeDifferences } from './stopped-folder.js'

/** Browsers that give up sooner than the process thaws, so everything under way comes again with the same ids. */
const BROWSER_TIMEOUT_MS = 700
const CONNECTIONS = 48

const stage = new Stage()
const { traffic } = stage
let product: Standalone

beforeAll(async () => {
  product = await stage.start()
  await stage.makeSites(product)
})
afterAll(endEverything)

describe(`a frozen process (seed ${stage.seed})`, () => {
  it.each([
    { who: 'process and engine', seconds: 4 },
    { who: 'process alone', seconds: 3 },
  ])('goes on with true numbers after $seconds s in which $who stood still', async ({ who, seconds }) => {
    const flow = traffic.start(product.url, { connections: CONNECTIONS, timeoutMs: BROWSER_TIMEOUT_MS })
    await pause(between(stage.random, 500, 1000))
    const before = await widget(product.url, 'in-pageviews')
    const frozen = who === 'process alone' ? processesOf(product).slice(0, 1) : processesOf(product)
    for (const { pid } of frozen) process.kill(pid, 'SIGSTOP')
    await pause(seconds * 1000)
    for (const { pid } of frozen) process.kill(pid, 'SIGCONT')
    const after = await widget(product.url, 'in-pageviews')
    expect(after.total).toBeGreaterThanOrEqual(before.total)
    expect([after.stale, typeof after.online]).toEqual([undefined, 'number'])
    await pause(500)
    await flow.stop()
    await traffic.settle(product.url)
    await widgetEquals(product.url, stage.expectations())
  })

  it('counted what came again once, in the store as well', async () => {
    const { requests, resent } = traffic.counts
    expect([...requests.keys()].sort()).toEqual([0, 204])
    expect(resent).toBeGreaterThan(0)
    const expectations = stage.expectations()
    await caughtUp(product.opsUrl)
    expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
    expect(await storeDifferences(product.dataDir, expectations)).toEqual([])
    stage.print(expectations)
  })
})
