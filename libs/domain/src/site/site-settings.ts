import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { canonicalZone, isTimeZone } from '../calendar/zone.js'
import { isHostPattern } from '../event/host.js'
import { unmappedAddress } from '../event/visitor.js'
import type { Problem } from '../problem/problem.js'
import { SITE_DEFAULTS, SITE_ID, type Site } from './site.js'

const HALF_CHARACTER = /\p{Surrogate}/u

const hostPattern = z.string().max(255).refine(isHostPattern)
const queryKey = z
  .string()
  .min(1)
  .max(64)
  .refine((key) => !HALF_CHARACTER.test(key))
const network = z
  .string()
  .max(64)
  .refine((text) => parseNetwork(text) !== null)

/** The settings of a site and their limits; `id` is none, as it never changes. */
const settings = {
  name: z.string().max(200).transform(cleanText),
  hosts: z.array(hostPattern).max(100),
  timeZone: z.string().max(64).refine(isTimeZone).transform(canonicalZone),
  weekStart: z.enum(['monday', 'sunday']),
  unit: z.enum(['visits', 'pageviews', 'visitors']),
  onlineWindowSeconds: z.int().min(60).max(1800),
  visitTimeoutSeconds: z.int().min(300).max(3600),
  pageQueryKeys: z.array(queryKey).max(20),
  bots: z.enum(['drop', 'count']),
  excludedAddresses: z.array(network).max(100),
}

/**
 * What creates a site (contract section 5): only `id` is required, the rest defaults to `SITE_DEFAULTS`. Unknown
 * fields are refused, since a mistyped `timezone` would put the wrong day on every event for good.
 */
export const siteInput = z.strictObject({
  id: z.string().regex(SITE_ID),
  name: settings.name.default(SITE_DEFAULTS.name),
  hosts: settings.hosts.default([]),
  timeZone: settings.timeZone.default(SITE_DEFAULTS.timeZone),
  weekStart: settings.weekStart.default(SITE_DEFAULTS.weekStart),
  unit: settings.unit.default(SITE_DEFAULTS.unit),
  onlineWindowSeconds: settings.onlineWindowSeconds.default(SITE_DEFAULTS.onlineWindowSeconds),
  visitTimeoutSeconds: settings.visitTimeoutSeconds.default(SITE_DEFAULTS.visitTimeoutSeconds),
  pageQueryKeys: settings.pageQueryKeys.default([]),
  bots: settings.bots.default(SITE_DEFAULTS.bots),
  excludedAddresses: settings.excludedAddresses.default([]),
})

/** What changes a site: any of its settings, with the same limits. `id` is as unknown here as any other key. */
export const siteChangeInput = z.strictObject(settings).partial()

/** What replaces the settings it has. */
export type SiteChange = Partial<Omit<Site, 'id'>>

/** The site that a JSON value describes, or `bad_field` with the first wrong field (`body` when it is no object). */
export function parseSite(json: unknown): { site: Site } | { problem: Problem } {
  const result = siteInput.safeParse(json)
  return result.success ? { site: result.data } : { problem: fieldProblem(result.error) }
}

/** The change that a JSON value describes (contract section 5, PATCH); refusals as in `parseSite`. */
export function parseSiteChange(json: unknown): { change: SiteChange } | { problem: Problem } {
  const result = siteChangeInput.safeParse(json)
  if (!result.success) return { problem: fieldProblem(result.error) }
  const given = Object.entries(result.data).filter(([, value]) => value !== undefined)
  return { change: Object.fromEntries(given) }
}

/** `bad_field` with the first field that a schema found wrong; `body` when the value is no object. */
export function fieldProblem(error: z.ZodError): Problem {
  const [issue] = error.issues
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]
  return { code: 'bad_field', field: String(field ?? 'body') }
}

/** As section 2 of the contract treats texts: lone surrogates become U+FFFD, control characters go. */
function cleanText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD').replace(/\p{Cc}/gu, '')
}

/** An address or CIDR; an IPv4-mapped one is its IPv4. */
interface Network {
  readonly address: string
  readonly prefix: number
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/
const MAPPED_BITS = 96

function parseNetwork(text: string): Network | null {
  const [address = '', prefixText, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || address.includes('%')) return null
  const bits = family === 4 ? 32 : 128
  if (prefixText !== undefined && !PREFIX.test(prefixText)) return null
  const prefix = prefixText === undefined ? bits : Number(prefixText)
  if (prefix > bits) return null
  const plain = unmappedAddress(address)
  if (plain === address || prefix < MAPPED_BITS) return { address, prefix }
  return { address: plain, prefix: prefix - MAPPED_BITS }
}

/**
 * Tells whether an address lies in one of a site's `excludedAddresses`. An IPv4-mapped address is its IPv4 on both
 * sides; text that is no address lies in none. Throws on an entry that `siteInput` refuses.
 */
export function createAddressMatcher(cidrs: readonly string[]): (address: string) => boolean {
  if (cidrs.length === 0) return () => false
  const ipv4: Ipv4Network[] = []
  const ipv6 = new BlockList()
  for (const cidr of cidrs) {
    const parsed = parseNetwork(cidr)
    if (parsed === null) throw new RangeError(`not an address or CIDR: ${cidr}`)
    const { address, prefix } = parsed
    if (isIPv4(address)) ipv4.push(ipv4Network(ipv4Number(address), prefix))
    else ipv6.addSubnet(address, prefix, 'ipv6')
  }
  return (address) => {
    const plain = unmappedAddress(address)
    const number = ipv4Number(plain)
    if (number >= 0) return ipv4.some(({ base, mask }) => (number & mask) >>> 0 === base)
    return isIPv6(plain) && ipv6.check(plain, 'ipv6')
  }
}

/** By arithmetic, as BlockList takes 2 us to look at one address. */
interface Ipv4Network {
  readonly base: number
  readonly mask: number
}

function ipv4Network(address: number, prefix: number): Ipv4Network {
  const mask = prefix === 0 ? 0 : (0xff_ff_ff_ff << (32 - prefix)) >>> 0
  return { base: (address & mask) >>> 0, mask }
}

const DOT = 0x2e

/** The 32 bits of a dotted IPv4 address; -1 for any other text. */
function ipv4Number(text: string): number {
  if (!isIPv4(text)) return -1
  let number = 0
  let part = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== DOT) part = part * 10 + code - 0x30
    else {
      number = number * 256 + part
      part = 0
    }
  }
  return number * 256 + part
}
