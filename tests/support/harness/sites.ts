import { isDeepStrictEqual } from 'node:util'
import type { RecountSite } from '../recount/index.js'
import { recountSite } from '../recount/index.js'
import type { Answer } from './http.js'
import { request, requestJson } from './http.js'
import type { Admin } from './standalone.js'
import type { Patience } from './until.js'
import { until } from './until.js'

/** The body of `POST /v1/sites` (contract section 5); only `id` is required. */
export interface NewSite {
  id: string
  name?: string
  hosts?: string[]
  timeZone?: string
  weekStart?: 'monday' | 'sunday'
  unit?: 'visits' | 'pageviews' | 'visitors'
  onlineWindowSeconds?: number
  visitTimeoutSeconds?: number
  pageQueryKeys?: string[]
  bots?: 'drop' | 'count'
  excludedAddresses?: string[]
}

export interface NewKey {
  id: string
  role: string
  key: string
}

export type WidgetNumbers = Record<'today' | 'yesterday' | 'week' | 'month' | 'year' | 'total', number> & {
  online: number | null
  stale?: boolean
  asOf: string
  unit: string
}

async function expectStatus(answer: Promise<Answer>, status: number, what: string): Promise<unknown> {
  const { status: actual, text, json } = await answer
  if (actual !== status) throw new Error(`${what}: expected ${status}, got ${actual} ${text}`)
  return json()
}

/** Makes a site and waits until the widget door knows it. */
export async function createSite(admin: Admin, site: NewSite): Promise<Record<string, unknown>> {
  const made = await expectStatus(
    requestJson('POST', `${admin.url}/v1/sites`, site, admin.adminKey),
    201,
    'create site',
  )
  await until(async () => (await request({ url: `${admin.url}/w/${site.id}.json` })).status === 200, {
    what: `site ${site.id} at the widget door`,
  })
  return made as Record<string, unknown>
}

/** Makes a site and gives its settings as the recount takes them. */
export async function createRecountedSite(admin: Admin, site: NewSite): Promise<RecountSite> {
  await createSite(admin, site)
  const { name: _name, excludedAddresses: _excluded, ...settings } = site
  return recountSite(settings)
}

export async function createKey(
  admin: Admin,
  siteId: string,
  role: 'owner' | 'read' | 'ingest' = 'ingest',
): Promise<NewKey> {
  const url = `${admin.url}/v1/sites/${siteId}/keys`
  return (await expectStatus(requestJson('POST', url, { role }, admin.adminKey), 201, 'create key')) as NewKey
}

/** Sends server events as NDJSON. */
export function postEvents(url: string, key: string, events: readonly object[]): Promise<Answer> {
  return request({
    url: `${url}/v1/events`,
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', Authorization: `Bearer ${key}` },
    body: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
    timeoutMs: 60_000,
  })
}

export async function widget(url: string, siteId: string): Promise<WidgetNumbers> {
  return (await expectStatus(request({ url: `${url}/w/${siteId}.json` }), 200, 'widget')) as WidgetNumbers
}

/**
 * Views of any number of paths, asked 50 at a time, keyed as asked. A path goes through the path rule again, so one
 * like `/a/index.html` (of a page `/a/index.html/`) cannot be asked for by its own name.
 */
export async function viewsOf(url: string, siteId: string, paths: readonly string[]): Promise<Map<string, number>> {
  const views = new Map<string, number>()
  for (let at = 0; at < paths.length; at += 50) {
    const query = paths
      .slice(at, at + 50)
      .map((path) => `p=${encodeURIComponent(path)}`)
      .join('&')
    const answer = request({ url: `${url}/w/${siteId}/views?${query}` })
    const body = (await expectStatus(answer, 200, 'views')) as { views: Record<string, number> }
    for (const [path, count] of Object.entries(body.views)) views.set(path, count)
  }
  return views
}

/**
 * Waits until the widget shows exactly `expected` (any of its fields), and rejects with both after `timeoutMs`.
 * It cannot see a number that is passed on the way, so check once more after a while where too many is the fear.
 */
export async function widgetShows(
  url: string,
  siteId: string,
  expected: Partial<WidgetNumbers>,
  patience: Patience = {},
): Promise<WidgetNumbers> {
  const names = Object.keys(expected) as (keyof WidgetNumbers)[]
  return until(
    async () => {
      const shown = await widget(url, siteId)
      const picked = Object.fromEntries(names.map((name) => [name, shown[name]]))
      if (!isDeepStrictEqual(picked, { ...expected }))
        throw new Error(`shows ${JSON.stringify(picked)}, expected ${JSON.stringify(expected)}`)
      return shown
    },
    { what: `the widget of ${siteId}`, ...patience },
  )
}
