import { isUrl } from './url.js'

/**
 * A host as hosts are compared (contract section 1, Hosts): without port, case, trailing dot and one leading `www.`,
 * IDN as punycode. `www.example.vn` and `example.vn` are one; text that is no host comes back in lower case.
 */
export function normalHost(host: string): string {
  const ascii = asciiHost(host) ?? host.toLowerCase()
  return ascii.startsWith('www.') ? ascii.slice(4) : ascii
}

/** Host names that the URL parser would leave as they are; a last label that begins with a digit may be an IPv4 number. */
const PLAIN = /^(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*$/
const NO_HOST = /[\s/?#@\\]/

/** Lower case, punycode, no port, no trailing dot; null when the text is no host. */
function asciiHost(host: string): string | null {
  if (PLAIN.test(host) && !host.includes('xn--')) return host
  if (NO_HOST.test(host) || !isUrl(`http://${host}`)) return null
  const { hostname } = new URL(`http://${host}`)
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
}

interface HostPatterns {
  readonly exact: ReadonlySet<string>
  /** Each begins with a dot. */
  readonly suffixes: readonly string[]
}

/** A site's list is one array for as long as the site is not changed, so its patterns are read once. */
const read = new WeakMap<readonly string[], HostPatterns>()

function patternsOf(hosts: readonly string[]): HostPatterns {
  let patterns = read.get(hosts)
  if (patterns === undefined) {
    const wild = hosts.filter((host) => host.startsWith('*.'))
    patterns = {
      exact: new Set(hosts.filter((host) => !host.startsWith('*.')).map(normalHost)),
      // `www.` is dropped where a host leads with it; in `*.www.example.vn` it is the name that was meant.
      suffixes: wild.map((host) => `.${asciiHost(host.slice(2)) ?? host.slice(2).toLowerCase()}`),
    }
    read.set(hosts, patterns)
  }
  return patterns
}

/**
 * Whether a host is one of the patterns: `example.vn`, or `*.example.vn` for any depth but not the bare name. As a
 * leading `www.` does not count, `www.example.vn` is the bare name too. `[]` matches none.
 */
export function hostMatches(host: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return false
  const { exact, suffixes } = patternsOf(patterns)
  const normal = normalHost(host)
  return exact.has(normal) || suffixes.some((suffix) => normal.length > suffix.length && normal.endsWith(suffix))
}

/** Whether a site takes pages of this host; `[]` takes any. */
export function hostAllowed(host: string, hosts: readonly string[]): boolean {
  return hosts.length === 0 || hostMatches(host, hosts)
}

const HOST_NAME = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

/** Whether the text can stand in a site's `hosts`: a host name, an address, or `*.` and a host name; a port is let pass. */
export function isHostPattern(text: string): boolean {
  const wild = text.startsWith('*.')
  const ascii = asciiHost(wild ? text.slice(2) : text)
  if (ascii === null || ascii.length > 253) return false
  if (wild) return HOST_NAME.test(ascii) && !IPV4.test(ascii)
  return HOST_NAME.test(ascii) || ascii.startsWith('[')
}
