import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import {
  createKey,
  createSite,
  endEverything,
  postEvents,
  requestJson,
  startStandalone,
  widgetShows,
} from '../support/harness/index.js'
import { serverView } from './site-acts.js'

afterAll(endEverything)

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

it('keeps no key on the disk that could be used, and all of them across a restart', async () => {
  const { adminKey: _, ...first } = await startStandalone({ env: { TRUYCAP_ADMIN_KEY: undefined } })
  const adminKey = readFileSync(join(first.dataDir, 'admin.key'), 'utf8').trim()
  await createSite({ url: first.url, adminKey }, { id: 'secret', unit: 'pageviews' })
  const roles = ['owner', 'read', 'ingest'] as const
  const keys = await Promise.all(roles.map((role) => createKey({ url: first.url, adminKey }, 'secret', role)))
  expect(new Set(keys.map(({ key }) => key)).size).toBe(3)
  for (const { key } of keys) await requestJson('GET', `${first.url}/v1/sites/secret`, undefined, key)
  expect(await first.stop()).toMatchObject({ code: 0 })

  const files = filesIn(first.dataDir).map((path) => ({ path, bytes: readFileSync(path) }))
  expect(files.length).toBeGreaterThan(10)
  for (const { key } of keys)
    expect(files.filter(({ bytes }) => bytes.includes(key)).map(({ path }) => path)).toEqual([])
  const withAdminKey = files.filter(({ bytes }) => bytes.includes(adminKey)).map(({ path }) => path)
  expect(withAdminKey).toEqual([join(first.dataDir, 'admin.key')])
  expect(`${first.stdout()}${first.stderr()}`).not.toContain(adminKey)

  const second = await startStandalone({ dataDir: first.dataDir, env: { TRUYCAP_ADMIN_KEY: undefined } })
  const ingest = keys.find(({ role }) => role === 'ingest')?.key ?? ''
  expect((await postEvents(second.url, ingest, [serverView('secret')])).json()).toMatchObject({ accepted: 1 })
  expect((await requestJson('GET', `${second.url}/v1/sites`, undefined, adminKey)).status).toBe(200)
  await widgetShows(second.url, 'secret', { total: 1 })
})
