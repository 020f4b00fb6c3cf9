import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'

/**
 * The online day turns at 04:00: the online id of an event is its visitor hash under the salt of the local day of
 * `t - ONLINE_DAY_SHIFT_SECONDS` (contract section 1, đang online), so a reader who stays over midnight is one.
 */
export const ONLINE_DAY_SHIFT_SECONDS = 4 * 3600

/**
 * The part of an address that a visitor is told by (contract section 1, Visitor), in one spelling: an IPv4-mapped
 * address is its IPv4, IPv6 is cut to `2001:db8:0:1::/64`. What is no address comes back as it is.
 */
export function networkOf(address: string): string {
  const groups = ipv6Groups(address)
  if (groups === null) return address
  if (isMapped(groups)) return ipv4Of(groups)
  const [a = 0, b = 0, c = 0, d = 0] = groups
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}:${d.toString(16)}::/64`
}

/** An IPv4-mapped IPv6 address as its IPv4; any other text as it is. */
export function unmappedAddress(address: string): string {
  const groups = ipv6Groups(address)
  return groups !== null && isMapped(groups) ? ipv4Of(groups) : address
}

const IPV6_GROUPS = 8

/** The eight 16-bit groups; null when the text is no IPv6 address. A zone index (`%eth0`) is let pass. */
function ipv6Groups(address: string): number[] | null {
  if (!address.includes(':') || !isIPv6(address)) return null
  const end = address.indexOf('%')
  const groups: number[] = []
  let gap = 0
  for (const part of (end < 0 ? address : address.slice(0, end)).split(':')) {
    if (part === '') gap = groups.length
    else if (part.includes('.')) groups.push(...groupsOfIpv4(part))
    else groups.push(Number.parseInt(part, 16))
  }
  for (let missing = IPV6_GROUPS - groups.length; missing > 0; missing--) groups.splice(gap, 0, 0)
  return groups
}

function groupsOfIpv4(text: string): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function isMapped(groups: readonly number[]): boolean {
  return (
    groups[5] === 0xff_ff && groups[0] === 0 && groups[1] === 0 && groups[2] === 0 && groups[3] === 0 && groups[4] === 0
  )
}

function ipv4Of(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
}

/**
 * The visitor: 8 bytes of a keyed hash over (site, network, User-Agent) (contract section 1, Visitor). `saltHex` is
 * the salt of the day, 64 hex characters; `network` comes from `networkOf`; the User-Agent is taken verbatim.
 */
export function visitorHash(saltHex: string, site: string, network: string, userAgent: string): Uint8Array {
  return keyedHash(saltHex, `a${site.length}:${site}${network.length}:${network}${userAgent}`)
}

/** The visitor of a server event that names one: `visitor` stands for address and User-Agent (contract section 3). */
export function visitorHashOfName(saltHex: string, site: string, visitor: string): Uint8Array {
  return keyedHash(saltHex, `n${site.length}:${site}${visitor}`)
}

const VISITOR_BYTES = 8

/**
 * SHA-256 over key, length and message. It is a keyed function because the 64 characters of the key fill the first
 * block and the length makes the messages prefix-free; it costs a quarter of an HMAC. Text is hashed as UTF-8, which
 * keeps different well-formed strings different (a header that Node read as latin1 included).
 */
function keyedHash(saltHex: string, message: string): Uint8Array {
  if (saltHex.length !== 64) throw new RangeError('a salt has 64 hex characters')
  const digest = hash('sha256', `${saltHex}${message.length}:${message}`, 'binary')
  const bytes = new Uint8Array(VISITOR_BYTES)
  for (let i = 0; i < VISITOR_BYTES; i++) bytes[i] = digest.charCodeAt(i)
  return bytes
}
