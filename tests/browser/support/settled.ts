import type { WidgetNumbers } from '../../support/harness/index.js'
import { request, until } from '../../support/harness/index.js'

interface Shown {
  asOf: string
  stale?: boolean
}

/** What a door shows once everything that was acknowledged before the call is in it: by its `asOf`, cut to a second. */
async function settledAt<T extends Shown>(url: string): Promise<T> {
  const calledAtMs = Date.now()
  const shown = async () => {
    const numbers = (await request({ url })).json() as T
    return Date.parse(numbers.asOf) > calledAtMs && !numbers.stale && numbers
  }
  return (await until(shown, { what: `settled numbers at ${url}` })) as T
}

/** The widget's numbers, so that one that is too high cannot hide in a delay (contract section 4, `asOf`). */
export function settled(url: string, siteId: string): Promise<WidgetNumbers> {
  return settledAt(`${url}/w/${siteId}.json`)
}

/** The views of at most 50 paths, in the order asked. */
export async function settledViews(
  url: string,
  siteId: string,
  paths: readonly string[],
): Promise<(number | undefined)[]> {
  const query = paths.map((path) => `p=${encodeURIComponent(path)}`).join('&')
  const { views } = await settledAt<Shown & { views: Record<string, number> }>(`${url}/w/${siteId}/views?${query}`)
  return paths.map((path) => views[path])
}
