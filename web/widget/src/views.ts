import { readJson } from './json.reader.js'
import { labelsFor } from './labels.js'
import { nearestLang } from './nearest-lang.js'
import { groupDigits, readCount } from './number-text.js'
import { viewsQueries } from './views-batch.js'

interface Place {
  element: HTMLElement
  path: string
}

async function fill(url: string, places: Place[]): Promise<void> {
  const { body } = await readJson(url)
  const views = ((body || {}) as { views?: Record<string, unknown> }).views || {}
  for (const { element, path } of places) {
    const count = readCount(views[path])
    // What the server wrote stays where nothing better is known.
    if (count === undefined) continue
    const { views: label, locale } = labelsFor(nearestLang(element))
    element.textContent = `${label}: ${groupDigits(count, locale)}`
  }
}

/**
 * Fills every `[data-truycap-views]` of the page with the views of its path, of this page when it names none. Numbers
 * are asked for once, sites apart.
 */
export function fillViews(defaults: { site: string; api: string }): void {
  const bySite = new Map<string, Place[]>()
  for (const element of Array.from(document.querySelectorAll<HTMLElement>('[data-truycap-views]'))) {
    const { site = defaults.site, truycapViews } = element.dataset
    const path = truycapViews || location.pathname + location.search
    bySite.set(site, (bySite.get(site) || []).concat({ element, path }))
  }
  bySite.forEach((places, site) => {
    if (!site) return
    for (const query of viewsQueries(places.map(({ path }) => path))) {
      void fill(`${defaults.api}/w/${encodeURIComponent(site)}/views?${query}`, places)
    }
  })
}
