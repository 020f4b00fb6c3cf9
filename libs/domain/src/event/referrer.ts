import { hostMatches, normalHost } from './host.js'
import { createTextCache } from './path-cache.js'
import { isUrl } from './url.js'

/** Host of a referrer, lower case, no port; '' when it is empty, does not parse or names no host. */
export function hostOfReferrer(referrer: string): string {
  if (referrer === '' || !isUrl(referrer)) return ''
  return new URL(referrer).hostname.toLowerCase()
}

const LONGEST_CACHED = 512

/** `hostOfReferrer` that remembers up to `2 * limit` referrers. */
export function createReferrerCache(limit: number): typeof hostOfReferrer {
  const hosts = createTextCache<string>(limit)
  return (referrer) => {
    if (referrer === '' || referrer.length > LONGEST_CACHED) return hostOfReferrer(referrer)
    let host = hosts.get(referrer)
    if (host === undefined) hosts.set(referrer, (host = hostOfReferrer(referrer)))
    return host
  }
}

/**
 * Whether a view without visitor came from elsewhere and so adds one visit (contract section 1, visits): its referrer
 * is empty or unparsable, or is on neither the page's host nor an entry of `hosts` (`[]` matches none here).
 */
export function entryOf(referrer: string, pageHost: string, hosts: readonly string[]): boolean {
  const host = hostOfReferrer(referrer)
  if (host === '') return true
  return normalHost(host) !== normalHost(pageHost) && !hostMatches(host, hosts)
}
