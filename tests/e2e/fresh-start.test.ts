import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import {
  beacon,
  endEverything,
  launch,
  postBeacon,
  request,
  requestJson,
  startStandalone,
  tempFolder,
  until,
  verdictOf,
  widgetShows,
} from '../support/harness/index.js'

let product: Standalone

const modeOf = (...names: string[]) => (statSync(join(product.dataDir, ...names)).mode & 0o777).toString(8)

/** Started with nothing but free ports and a folder that is not there yet. */
beforeAll(async () => {
  const dataDir = join(tempFolder(), 'deep', 'data')
  product = await startStandalone({ dataDir, env: { TRUYCAP_ADMIN_KEY: undefined } })
})

afterAll(endEverything)

it('prints its URL first, and serves under it at once', async () => {
  expect(product.firstLine).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect((await request({ url: product.firstLine })).status).toBe(200)
  await product.waitReady(2000)
})

it('shows a page that embeds tracker and widget for the site demo, and says what to do next', async () => {
  const page = await request({ url: product.firstLine })
  expect(page.headers['content-type']).toMatch(/^text\/html/)
  expect(page.text).toMatch(/<script defer src="[^"]*\/t\.js" data-site="demo"><\/script>/)
  expect(page.text).toMatch(/<script defer src="[^"]*\/w\.js"><\/script>/)
  expect(page.text).toMatch(/<truycap-widget site="demo"[^>]*><\/truycap-widget>/)
  expect(page.text).toMatch(/<span data-truycap-views><\/span>/)
  for (const word of ['/v1/sites', 'admin.key', 'npm run replay']) expect(page.text).toContain(word)
  for (const [, path = ''] of page.text.matchAll(/(?:src|href)="(\/[^"]*)"/g))
    expect([path, (await request({ url: new URL(path, product.firstLine).href })).status]).toEqual([path, 200])
})

it('shows both scripts with their immutable copies and integrity, ready to be copied', async () => {
  const page = (await request({ url: product.firstLine })).text
  for (const letter of ['t', 'w']) {
    const { headers, body } = await request({ url: `${product.url}/${letter}.js` })
    const integrity = `sha256-${createHash('sha256').update(body).digest('base64')}`
    expect(page).toContain(`/${headers['content-location'] as string}" integrity="${integrity}"`)
  }
})

it('counts on the site demo without any setting, crawlers too', async () => {
  expect(verdictOf(await postBeacon(product.url, beacon()))).toBe('204')
  expect(verdictOf(await postBeacon(product.url, beacon(), { 'User-Agent': 'Googlebot/2.1' }))).toBe('204')
  await widgetShows(product.url, 'demo', { total: 2, online: 2 })
})

it('makes an admin key that works, keeps it in a private file and prints where, not what', async () => {
  const file = join(product.dataDir, 'admin.key')
  const key = readFileSync(file, 'utf8').trim()
  expect(key.length).toBeGreaterThan(32)
  const sites = await requestJson('GET', `${product.url}/v1/sites`, undefined, key)
  expect(sites.json()).toMatchObject([{ id: 'demo', hosts: [], bots: 'count' }])
  expect(product.stdout()).toContain(file)
  expect(product.stdout() + product.stderr()).not.toContain(key)
  expect(modeOf('admin.key')).toBe('600')
})

it('keeps its folder and its salts from all others', () => {
  expect(modeOf()).toBe('700')
  const salts = readdirSync(join(product.dataDir, 'salts'))
  // One of each date from 2 days back to 7 ahead (that of 3 days back is destroyed at noon UTC), whatever else lies there.
  expect(salts.filter((name) => /^\d{4}-\d\d-\d\d/.test(name)).length).toBeGreaterThanOrEqual(10)
  expect(new Set(salts.map((name) => modeOf('salts', name)))).toEqual(new Set(['600']))
})

it('starts again after kill -9 of its main process alone, with the same numbers and the same key', async () => {
  const file = join(product.dataDir, 'admin.key')
  const key = readFileSync(file, 'utf8')
  process.kill(product.pid, 'SIGKILL')
  await product.exited
  const again = await startStandalone({ dataDir: product.dataDir, env: { TRUYCAP_ADMIN_KEY: undefined } })
  await widgetShows(again.url, 'demo', { total: 2, online: 2 })
  expect(readFileSync(file, 'utf8')).toBe(key)
  expect(verdictOf(await postBeacon(again.url, beacon({ u: 'https://example.vn/b', g: 1 })))).toBe('204')
  await widgetShows(again.url, 'demo', { total: 3 })
  expect(await again.stop()).toMatchObject({ code: 0, leftBehind: 0 })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('starts with npm start alone, and ends when npm does', async () => {
  // npm says first what it runs. It hands on what stands after the dashes, which only tells the harness which process is ours.
  const started = launch({ prefixCommand: ['npm', 'start', '--'] })
  const lines = () =>
    started
      .stdout()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('> '))
  await until(() => lines().length > 1, { timeoutMs: 60_000, what: 'npm start' })
  expect(lines()[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect((await request({ url: lines()[0] ?? '' })).status).toBe(200)
  const { pid, rootPid } = started
  expect(pid).not.toBe(rootPid)
  process.kill(rootPid, 'SIGTERM')
  await until(() => !isRunning(pid), { what: 'the end of the product' })
  const again = await startStandalone({ dataDir: started.dataDir })
  expect(await again.stop()).toMatchObject({ code: 0, leftBehind: 0 })
})
