import { chownSync, chmodSync, closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LaunchOptions, Refusal } from '../support/harness/index.js'
import {
  AS_NOBODY,
  beacon,
  browser,
  endEverything,
  postBeacon,
  startAndRefuse,
  startStandalone,
  tempDisk,
  tempFolder,
  verdictOf,
  widgetShows,
} from '../support/harness/index.js'

const MIB = 1024 * 1024
const VISITS = 5

const nonBlankLines = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

/** Exit code 1, one line on stderr that says why, nothing on stdout, no stack, and no process of it is left. */
function expectOneMessage(refusal: Refusal, message: RegExp): void {
  expect(refusal).toMatchObject({ code: 1, signal: null, stdout: '', leftBehind: 0 })
  expect(nonBlankLines(refusal.stderr)).toEqual([expect.stringMatching(message)])
}

/** A folder that a whole life of the product has left, with numbers in it. */
async function livedIn(dataDir: string): Promise<string> {
  const product = await startStandalone({ dataDir })
  for (let n = 0; n < VISITS; n += 1)
    expect(verdictOf(await postBeacon(product.url, beacon(), { 'User-Agent': browser(n) }))).toBe('204')
  await widgetShows(product.url, 'demo', { total: VISITS })
  expect(await product.stop()).toMatchObject({ code: 0, leftBehind: 0 })
  return dataDir
}

/** The next start is a normal one, with the numbers of before, and counts on. */
async function expectUnharmed(dataDir: string): Promise<void> {
  const product = await startStandalone({ dataDir })
  await widgetShows(product.url, 'demo', { total: VISITS })
  expect(verdictOf(await postBeacon(product.url, beacon(), { 'User-Agent': browser(99) }))).toBe('204')
  await widgetShows(product.url, 'demo', { total: VISITS + 1 })
  expect(await product.stop()).toMatchObject({ code: 0 })
}

afterAll(endEverything)

describe('a start that is refused', () => {
  let dataDir: string
  let busy: Server
  beforeAll(async () => {
    dataDir = await livedIn(tempFolder())
    busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    busy.close()
  })

  it.each(['PORT', 'OPS_PORT'])('by a busy %s names it and how to change it', async (variable) => {
    const { port } = busy.address() as AddressInfo
    const refusal = await startAndRefuse({ dataDir, env: { [variable]: String(port) } })
    expectOneMessage(refusal, new RegExp(`127\\.0\\.0\\.1:${port}\\b.*\\b${variable}\\b`))
  })

  it('by its configuration names everything wrong in one message, repeats no value and touches nothing', async () => {
    const untouched = tempFolder()
    const wrong = {
      TRUYCAP_DATADIR: './data',
      TRUYCAP_COLOUR: 'red',
      TRUYCAP_ADMIN_KEY: 'hunter2',
      PORT: '80a',
      OPS_PORT: '70000',
      LOG_LEVEL: 'loud',
      TRUST_PROXY: '10.0.0.0/33',
      RATE_PER_SECOND: '-1',
      RATE_BURST: 'many',
    }
    const { stderr, ...exit } = await startAndRefuse({ dataDir: untouched, env: wrong })
    expect(exit).toMatchObject({ code: 1, stdout: '', leftBehind: 0 })
    for (const name of Object.keys(wrong)) expect(stderr).toMatch(new RegExp(`^\\s*${name}\\b`, 'm'))
    expect(stderr).not.toContain('hunter2')
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(readdirSync(untouched)).toEqual([])
  })

  it.each<[string, string]>([
    ['another processor', 'Object.defineProperty(process, "arch", { value: "s390x" })'],
    ['another system', 'Object.defineProperty(process, "platform", { value: "freebsd" })'],
    ['another C library', 'process.report.getReport = () => ({ header: {}, sharedObjects: [] })'],
  ])('by %s says what it runs on', async (_what, script) => {
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
    expectOneMessage(await startAndRefuse({ dataDir, nodeArgs }), /Linux x64/)
  })

  it.each<[string, (folder: string) => void]>([
    ['that another user may only read', (folder) => chmodSync(folder, 0o755)],
    ['whose files belong to another user', (folder) => chownSync(folder, 65_534, 65_534)],
  ])('by a folder %s names the folder', async (_what, make) => {
    make(dataDir)
    const refusal = await startAndRefuse({ dataDir, prefixCommand: AS_NOBODY })
    expectOneMessage(refusal, new RegExp(`${dataDir}.*(cannot be|denied)`))
  })

  it('by a folder that cannot be made, or is a file, names the folder', async () => {
    const closed = tempFolder()
    chmodSync(closed, 0o755)
    const missing = join(closed, 'data')
    const refused: LaunchOptions[] = [{ dataDir: missing, prefixCommand: AS_NOBODY }]
    const file = join(tempFolder(), 'data')
    writeFileSync(file, 'mine')
    refused.push({ dataDir: file })
    for (const options of refused)
      expectOneMessage(await startAndRefuse(options), new RegExp(`${options.dataDir}.*TRUYCAP_DATA_DIR`))
  })

  it('has damaged nothing', async () => {
    chownSync(dataDir, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    await expectUnharmed(dataDir)
  })
})

it('refuses a second start on a folder that is in use, and leaves the first alone', async () => {
  const first = await startStandalone()
  await postBeacon(first.url, beacon())
  expectOneMessage(await startAndRefuse({ dataDir: first.dataDir }), new RegExp(`${first.dataDir}.*in use`))
  expect(verdictOf(await postBeacon(first.url, beacon(), { 'User-Agent': browser(1) }))).toBe('204')
  await widgetShows(first.url, 'demo', { total: 2 })
  expect(await first.stop()).toMatchObject({ code: 0, leftBehind: 0 })
})

/** Writes a file of so many bytes, or until nothing more goes on the disk. */
function fill(path: string, bytes = Infinity): void {
  const file = openSync(path, 'w')
  try {
    for (let left = bytes; left > 0; left -= MIB) writeSync(file, Buffer.alloc(Math.min(left, MIB), 'x'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

describe('a full disk', () => {
  it('is named before anything is written on it', async () => {
    const dataDir = tempDisk(MIB)
    expectOneMessage(await startAndRefuse({ dataDir }), new RegExp(`${dataDir}.*full`))
    expect(readdirSync(dataDir)).toEqual([])
  })

  it('refuses the start and keeps the numbers for the next', async () => {
    const dataDir = await livedIn(tempDisk(256 * MIB))
    const filler = join(dataDir, 'filler')
    for (const bytes of [236 * MIB, Infinity]) {
      fill(filler, bytes)
      expectOneMessage(await startAndRefuse({ dataDir }), new RegExp(`${dataDir}.*full`))
    }
    rmSync(filler)
    await expectUnharmed(dataDir)
  })
})

it('is not stopped by what Kubernetes puts into the environment', async () => {
  const product = await startStandalone({
    env: {
      TRUYCAP_SERVICE_HOST: '10.0.0.1',
      TRUYCAP_SERVICE_PORT_HTTP: '8080',
      TRUYCAP_PORT: 'tcp://10.0.0.1:8080',
      TRUYCAP_PORT_8080_TCP_ADDR: '10.0.0.1',
      TRUYCAP_API_PORT_8082_TCP: 'tcp://10.0.0.2:8082',
    },
  })
  expect(await product.stop()).toMatchObject({ code: 0 })
})
