import { createTextCache } from './path-cache.js'
import { isUrl } from './url.js'

/** What a page's address says: its path as contract section 1 writes it, and its host (lower case, punycode, no port). */
export interface Page {
  readonly path: string
  readonly host: string
}

export const PATH_CODE_POINTS = 1024

/** Rule Path of contract section 1. Throws TypeError when `url` does not parse; see `pageOf` for text that may not. */
export function pathOf(url: string, queryKeys: readonly string[]): string {
  return pathOfUrl(new URL(url), queryKeys)
}

/** Path and host of an http(s) URL; null for anything else. */
export function pageOf(url: string, queryKeys: readonly string[]): Page | null {
  if (!isUrl(url)) return null
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return null
  return { path: pathOfUrl(parsed, queryKeys), host: parsed.hostname }
}

/**
 * Path of a `p=` parameter (contract section 1, Path): an absolute http(s) URL, or text that begins with `/` and is
 * read as `https://x` + p, so `//evil` is the path `//evil` of no other host. null = `bad_parameter`.
 */
export function pathOfParameter(p: string, queryKeys: readonly string[]): string | null {
  return pageOf(p.startsWith('/') ? `https://x${p}` : p, queryKeys)?.path ?? null
}

/** Longer addresses are parsed each time, so that hostile ones cannot fill the memory. */
const LONGEST_CACHED = 512

/** `pageOf` that remembers up to `2 * limit` addresses: most beacons of a moment name the same pages. */
export function createPathCache(limit: number): typeof pageOf {
  const withoutQuery = createTextCache<Page>(limit)
  const withQuery = createTextCache<Page>(limit)
  const prefixes = new WeakMap<readonly string[], string>()
  const prefixOf = (queryKeys: readonly string[]): string => {
    let prefix = prefixes.get(queryKeys)
    if (prefix === undefined) prefixes.set(queryKeys, (prefix = JSON.stringify(queryKeys)))
    return prefix
  }
  return (url, queryKeys) => {
    if (url.length > LONGEST_CACHED) return pageOf(url, queryKeys)
    const plain = queryKeys.length === 0
    const pages = plain ? withoutQuery : withQuery
    // A JSON array ends where it says, so two such keys are equal only if both parts are.
    const key = plain ? url : prefixOf(queryKeys) + url
    const known = pages.get(key)
    if (known !== undefined) return known
    const page = pageOf(url, queryKeys)
    if (page !== null) pages.set(key, page)
    return page
  }
}

/** The clauses in the order in which the contract lists them; the order decides cases like `/a/index.html/`. */
function pathOfUrl(url: URL, queryKeys: readonly string[]): string {
  const decoded = decodeEscapes(url.pathname).normalize('NFC')
  const bare = dropTrailingSlashes(decoded.replace(/\/index\.(?:html|php)$/, '/'))
  return cut(bare === '' ? '/' : bare) + listedQuery(url, queryKeys)
}

function dropTrailingSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  return path.slice(0, end)
}

function cut(path: string): string {
  return path.length <= PATH_CODE_POINTS ? path : Array.from(path).slice(0, PATH_CODE_POINTS).join('')
}

/** The listed pairs, compared by UTF-16 units as URLSearchParams.sort does; '' when there are none. */
function listedQuery(url: URL, queryKeys: readonly string[]): string {
  if (queryKeys.length === 0 || url.search === '') return ''
  const pairs = [...url.searchParams]
    .filter(([key]) => queryKeys.includes(key))
    .map(([key, value]): [string, string] => [key, value.normalize('NFC')])
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g
/** Decoding these would change what the path means, or hide in it. Cc is U+0000-1F and U+007F-9F. */
const KEPT_ESCAPED = /[%/?#\p{Cc}]/u

function decodeEscapes(pathname: string): string {
  return pathname.includes('%') ? pathname.replace(ESCAPES, decodeRun) : pathname
}

function decodeRun(run: string): string {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const size = sequenceSize(bytes, at)
    const char = size === 0 ? '' : bytes.toString('utf8', at, at + size)
    const taken = Math.max(size, 1)
    text += size === 0 || KEPT_ESCAPED.test(char) ? run.slice(3 * at, 3 * (at + taken)).toUpperCase() : char
    at += taken
  }
  return text
}

const SMALLEST_OF_SIZE = [0, 0, 0x80, 0x800, 0x1_00_00]

/** Bytes of the UTF-8 sequence that begins at `at`; 0 when none does. */
function sequenceSize(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  let code = lead & (0x7f >> size)
  for (let next = at + 1; next < at + size; next++) {
    if (next >= bytes.length || (bytes[next]! & 0xc0) !== 0x80) return 0
    code = (code << 6) | (bytes[next]! & 0x3f)
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff
  return code < SMALLEST_OF_SIZE[size]! || surrogate || code > 0x10_ff_ff ? 0 : size
}
