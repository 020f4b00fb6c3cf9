import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import {
  beacon,
  endEverything,
  pause,
  postBeacon,
  problemOf,
  tempDisk,
  until,
  widget,
} from '../support/harness/index.js'
import {
  between,
  caughtUp,
  engineOf,
  expectTrueNumbers,
  fillDisk,
  freeDisk,
  health,
  Stage,
  watching,
  widgetEquals,
} from '../support/faults/index.js'
import { storeDifferences } from './stopped-folder.js'

const DISK_BYTES = 192 * 1024 * 1024
const CYCLES = 3

const stage = new Stage()
const { traffic, random } = stage
let disk: string
let product: Standalone

const start = () => stage.start(join(disk, 'data'))

beforeAll(async () => {
  disk = tempDisk(DISK_BYTES)
  mkdirSync(join(disk, 'data'))
  product = await start()
  await stage.makeSites(product)
})
afterAll(endEverything)

const oneBeacon = () => postBeacon(product.url, beacon({ s: 'demo' }))

async function refusesBeacons(): Promise<void> {
  const answers = [await oneBeacon()]
  await until(async () => answers.push(await oneBeacon()) && answers.at(-1)?.status !== 204, { what: 'a refusal' })
  const [refusal] = answers.slice(-1)
  expect(refusal && problemOf(refusal)).toMatchObject({ status: 503, code: 'log_unavailable' })
  expect(refusal?.headers['retry-after']).toMatch(/^\d+$/)
  expect(await health(product.opsUrl)).toMatchObject({ status: 503, dependencies: { log: 'down' } })
}

async function fillAndFree(): Promise<void> {
  await fillDisk(disk)
  await refusesBeacons()
  await pause(between(random, 200, 2000))
  freeDisk(disk)
  await product.waitReady(5000)
  expect((await oneBeacon()).status).toBe(204)
  await pause(between(random, 100, 700))
}

describe(`on a full disk (seed ${stage.seed})`, () => {
  it('refuses beacons with 503 while there is no room, and takes them again by itself when there is', async () => {
    const flow = traffic.start(product.url, { connections: 24, pauseMs: 5 })
    await pause(1500)
    const work = async () => {
      for (let cycle = 0; cycle < CYCLES; cycle++) await fillAndFree()
    }
    const seen = await watching(() => widget(product.url, 'in-pageviews'), work).finally(() => flow.stop())
    expectTrueNumbers(seen)
    expect([...traffic.counts.requests.keys()].sort()).toEqual([204, 503])
  })

  // The log is opened anew after a failed write, and cannot be read until there is room.
  it('goes on by itself with a store that was behind, when there is room again and nobody sends anything', async () => {
    const engine = engineOf(product)
    const flow = traffic.start(product.url, { connections: 24 })
    await pause(500)
    process.kill(engine.pid, 'SIGSTOP')
    await fillAndFree()
    await fillDisk(disk)
    await refusesBeacons()
    await flow.stop()
    freeDisk(disk)
    process.kill(engine.pid, 'SIGCONT')
    await caughtUp(product.opsUrl)
    expect((await health(product.opsUrl)).dependencies).toMatchObject({ counters: 'up', store: 'up' })
  })

  it('counts everything that was acknowledged, once', async () => {
    await traffic.settle(product.url)
    await widgetEquals(product.url, stage.expectations())
  })

  it('loses nothing when it is killed while the disk is full', async () => {
    const flow = traffic.start(product.url, { connections: 24 })
    await pause(300)
    await fillDisk(disk)
    await pause(between(random, 100, 1500))
    await product.killTree()
    await flow.stop()
    freeDisk(disk)
    product = await start()
    await traffic.settle(product.url)
    const expectations = stage.expectations()
    await widgetEquals(product.url, expectations)
    await caughtUp(product.opsUrl)
    expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
    expect(await storeDifferences(product.dataDir, expectations)).toEqual([])
    stage.print(expectations)
  })
})
