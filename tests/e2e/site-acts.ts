import { type Admin, beacon, browser, postEvents, requestJson, ship, uuid7 } from '../support/harness/index.js'

/** What owners, readers and servers do to a site, as the tests of its changes do it. `url` may change meanwhile. */
export function actsOn(product: () => Admin) {
  return {
    /** The status of the owner door; as admin unless a key is given, null = without one. */
    ask: async (method: string, path: string, body?: unknown, key: string | null = product().adminKey) =>
      (await requestJson(method, product().url + path, body, key ?? undefined)).status,
    view: (s: string, n: number, path = '/') =>
      ship(product().url, { beacons: [beacon({ s, u: `https://example.vn${path}` })], userAgent: browser(n) }),
    sendEvent: async (site: string, key: string) =>
      (await postEvents(product().url, key, [{ site, type: 'heartbeat', id: 'h1', at: new Date().toISOString() }]))
        .status,
  }
}

/** A page view as a portal's server sends it, new with every call. */
export const serverView = (site: string) => ({
  site,
  type: 'view',
  id: uuid7(),
  at: new Date().toISOString(),
  url: 'https://example.vn/',
  userAgent: browser(1),
})
