import { expect } from 'vitest'
import { beacon, browser, metricsOf, postBeacon, widgetShows } from '../support/harness/index.js'

const PATHS = ['/', '/tin-tức', '/a']

/** The gauge by period, as the ops port exports it; empty before the first look. */
export async function driftOf(opsUrl: string): Promise<Record<string, number>> {
  const { samples } = await metricsOf(opsUrl)
  const own = samples.filter(({ name }) => name === 'truycap_counter_drift')
  return Object.fromEntries(own.map(({ labels, value }) => [labels.period, value]))
}

/** Six views of three paths for each site, and waits until they are shown. */
export async function sendViews(url: string, sites: readonly string[]): Promise<void> {
  for (const s of sites) {
    for (const [n, path] of [...PATHS, ...PATHS].entries()) {
      const body = beacon({ s, u: `https://example.vn${path}` })
      expect((await postBeacon(url, body, { 'User-Agent': browser(n) })).status).toBe(204)
    }
  }
  for (const site of sites) await widgetShows(url, site, { total: 6 })
}
