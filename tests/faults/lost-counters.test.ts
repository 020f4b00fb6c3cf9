import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { DidNotStart, endEverything, pause, tempFolder, until, widget } from '../support/harness/index.js'
import type { Expectation } from '../support/faults/index.js'
import { between, caughtUp, health, Stage, widgetDifferences, widgetEquals } from '../support/faults/index.js'
import { cutLogInHalf, makeHole, storeDifferences } from './stopped-folder.js'

const SITE = 'in-pageviews'
/** The last known numbers are on disk within about 2 s. */
const SNAPSHOT_SAVED_MS = 2500

const stage = new Stage()
const { traffic, seed, random } = stage
/** Anywhere but at the very ends, elsewhere with every seed. */
const flippedAt = between(random, 5, 95) / 100
/** A folder with some history, whose product was killed; every test takes a copy. */
let original: string
let expectations: Expectation[]
let beaconsInLog: number

beforeAll(async () => {
  original = tempFolder()
  // Two lives, so that the counters lie in a table and in a write-ahead file of several checkpoints.
  for (let life = 0; life < 2; life++) {
    const product = await stage.start(original)
    if (life === 0) await stage.makeSites(product)
    await stage.load(product, life === 0 ? 1000 : 3000, { connections: 16, pauseMs: 40 })
    expectations = stage.expectations()
    await equals(product)
    // A store that stands before the half of the log that is cut away below would be a loss, and stop the counting.
    await caughtUp(product.opsUrl)
    await pause(SNAPSHOT_SAVED_MS)
    await product.killTree()
  }
  beaconsInLog = traffic.counts.acknowledged + traffic.counts.doubled
})
afterAll(endEverything)

function copy(): string {
  const folder = tempFolder()
  cpSync(original, folder, { recursive: true })
  return folder
}

const lastTotal = () => expectations.find(({ site }) => site.id === SITE)?.recounted.widgetAt(Date.now() / 1000).total

async function equals(product: Standalone, isCompared: (difference: string) => boolean = () => true): Promise<void> {
  const check = async () => {
    expect((await widgetDifferences(product.url, expectations)).filter(isCompared).join('\n')).toBe('')
    return true
  }
  await until(check, { timeoutMs: 15_000, everyMs: 200, what: 'the widget to equal the recount' })
}

/** Says that it does not count, and shows what was last known, marked as such. */
async function refusesToCount(product: Standalone): Promise<void> {
  const isHalted = async () => (await health(product.opsUrl)).dependencies['counters'] === 'halted'
  await until(isHalted, { timeoutMs: 15_000, what: 'the counting to halt' })
  expect((await health(product.opsUrl)).status).toBe(503)
  expect(await widget(product.url, SITE)).toMatchObject({ total: lastTotal(), stale: true })
}

/** Undefined when it refuses to start, which it must then do for a reason that names the folder. */
async function startOrRefuse(dataDir: string, part: string): Promise<Standalone | undefined> {
  const started = await stage.start(dataDir).catch((error: unknown) => error)
  if (!(started instanceof DidNotStart)) return started as Standalone
  expect(started.exit).toMatchObject({ code: 1 })
  expect(started.stderr.trim().split('\n')).toEqual([expect.stringContaining(join(dataDir, part))])
  return undefined
}

async function refuses(dataDir: string, part: string): Promise<void> {
  const product = await startOrRefuse(dataDir, part)
  if (product !== undefined) await refusesToCount(product)
  await product?.killTree()
}

/** The largest file of a part that has such a name. */
function fileOf(dataDir: string, part: string, name: RegExp): string {
  const [largest] = readdirSync(join(dataDir, part))
    .filter((one) => name.test(one))
    .map((one) => join(dataDir, part, one))
    .toSorted((a, b) => statSync(b).size - statSync(a).size)
  if (largest === undefined) throw new Error(`no file of ${part} is called ${String(name)}`)
  return largest
}

const WRITE_AHEAD = /\.log$/
const TABLE = /\.ldb$/

function cut(file: string, share: number): void {
  truncateSync(file, Math.floor(statSync(file).size * share))
}

function flip(file: string, share: number): void {
  const bytes = readFileSync(file)
  const at = Math.floor(bytes.length * share)
  bytes[at] = (bytes[at] as number) ^ 0xff
  writeFileSync(file, bytes)
}

function loseCounters(dataDir: string): void {
  rmSync(join(dataDir, 'counters'), { recursive: true })
}

// Each on a folder of its own, so two at a time.
describe.concurrent(`counters that were lost (seed ${seed})`, () => {
  it('are counted anew from the log, and no zero is shown meanwhile', async () => {
    const dataDir = copy()
    loseCounters(dataDir)
    const product = await stage.start(dataDir)
    expect((await widget(product.url, SITE)).total).toBe(lastTotal())
    await widgetEquals(product.url, expectations)
    await product.killTree()
  })

  it('are made anew from the store and the rest of a log that no longer begins at its beginning', async () => {
    const dataDir = copy()
    await cutLogInHalf(dataDir)
    loseCounters(dataDir)
    const product = await stage.start(dataDir)
    // A log is cut when it is weeks old. This one is minutes old, so heartbeats of readers who are online are gone with it.
    await equals(product, (difference) => !/ online: /.test(difference))
    // Ids are known as well: nothing is counted again, and the heartbeats are back.
    await traffic.sendAllAgain(product.url)
    await equals(product)
    await product.killTree()
  })

  it('are not counted anew from a log with a hole', async () => {
    const dataDir = copy()
    await makeHole(dataDir)
    loseCounters(dataDir)
    await refuses(dataDir, 'log')
  })
})

describe.concurrent(`a log that was lost (seed ${seed})`, () => {
  it.each([
    { lost: 'all of it', harm: (dataDir: string) => rmSync(join(dataDir, 'log'), { recursive: true }) },
    { lost: 'its end', harm: (dataDir: string) => cut(fileOf(dataDir, 'log', WRITE_AHEAD), 0.5) },
  ])('stops the counting, also after it has grown as long again ($lost)', async ({ harm }) => {
    const dataDir = copy()
    harm(dataDir)
    const product = await startOrRefuse(dataDir, 'log')
    if (product === undefined) return
    await refusesToCount(product)
    const strangers = stage.strangers()
    const flow = strangers.start(product.url, { connections: 16 })
    const { counts } = strangers
    await until(() => counts.acknowledged > beaconsInLog || counts.requests.has(503), { timeoutMs: 30_000 })
    await flow.stop()
    await product.killTree()
    await refuses(dataDir, 'log')
  })
})

type FileOf = (name: RegExp) => string

describe.concurrent(`counters that were damaged (seed ${seed})`, () => {
  it.each([
    { damage: 'a write-ahead file without its end', harm: (of: FileOf) => cut(of(WRITE_AHEAD), 0.99) },
    { damage: 'half a write-ahead file', harm: (of: FileOf) => cut(of(WRITE_AHEAD), 0.5) },
    // LevelDB leaves out a record of this file whose sum is wrong and goes on with the next, without a word.
    { damage: 'a byte flipped in the write-ahead file', harm: (of: FileOf) => flip(of(WRITE_AHEAD), flippedAt) },
    { damage: 'half a table', harm: (of: FileOf) => cut(of(TABLE), 0.5) },
    { damage: 'half a manifest', harm: (of: FileOf) => cut(of(/^MANIFEST/), 0.5) },
    { damage: 'no pointer to the manifest', harm: (of: FileOf) => rmSync(of(/^CURRENT$/)) },
  ])('are right again, or refused: $damage', async ({ harm }) => {
    const dataDir = copy()
    harm((name) => fileOf(dataDir, 'counters', name))
    const product = await startOrRefuse(dataDir, 'counters')
    if (product === undefined) return
    if ((await health(product.opsUrl)).status === 200) {
      await equals(product)
      // What was counted is also still known: none of it is counted again.
      await traffic.sendAllAgain(product.url)
      await equals(product)
    } else await refusesToCount(product)
    await product.killTree()
  })
})

it.concurrent(`a store that was damaged (seed ${seed}) is stored again from the log`, async () => {
  const dataDir = copy()
  const tables = join(dataDir, 'clickhouse', 'tables', 'store')
  const ofEvents = (file: string) =>
    /^\d+_\d+_\d+_\d+(_\d+)?\/online_id\.bin$|^\d+_\d+_\d+_\d+(_\d+)?\/data\.bin$/.test(file)
  const files = readdirSync(tables, { recursive: true, encoding: 'utf8' }).filter((file) =>
    ofEvents(file.split('/').slice(2).join('/')),
  )
  expect(files).not.toEqual([])
  for (const file of files) cut(join(tables, file), 0.5)
  const product = await stage.start(dataDir)
  await caughtUp(product.opsUrl)
  await product.stop()
  expect(product.logs().some(({ msg }) => String(msg).includes('damaged'))).toBe(true)
  expect(await storeDifferences(dataDir, expectations)).toEqual([])
})
