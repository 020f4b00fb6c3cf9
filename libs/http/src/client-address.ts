import { isIP, isIPv4 } from 'node:net'
import { createAddressMatcher, unmappedAddress } from '#domain'

/** Whether an address belongs to a proxy whose `X-Forwarded-For` is believed. */
export type TrustedProxies = (address: string) => boolean

/** The proxies of `TRUST_PROXY`: addresses and CIDRs. Throws RangeError on an entry that is neither. */
export function trustedProxies(trustProxy: readonly string[]): TrustedProxies {
  return createAddressMatcher(trustProxy)
}

export interface ClientAddress {
  /** IPv4-mapped is IPv4; '' when the socket no longer tells. */
  readonly address: string
  /** The peer sent `X-Forwarded-For` and is not trusted, so it was not read. */
  readonly untrustedForwarded: boolean
}

/**
 * The client's address (contract section 6, TRUST_PROXY): the peer's, unless the peer is trusted; then the rightmost
 * untrusted address of `X-Forwarded-For`, or the leftmost when all are trusted. Reading stops at an entry that is no
 * address (`unknown`): what stands left of it was written by nobody we trust, so the proxy that wrote it is the client.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): ClientAddress {
  const peer = unmappedAddress(socketAddress ?? '')
  if (forwardedFor === undefined) return { address: peer, untrustedForwarded: false }
  if (!trusted(peer)) return { address: peer, untrustedForwarded: true }
  let address = peer
  for (let end = forwardedFor.length; end >= 0 && trusted(address);) {
    const start = forwardedFor.lastIndexOf(',', end - 1) + 1
    const hop = addressOf(forwardedFor.slice(start, end).trim())
    if (hop === null) break
    address = hop
    end = start - 1
  }
  return { address, untrustedForwarded: false }
}

const BRACKETED = /^"?\[([^\]]+)\](?::\d+)?"?$/

/** The address of one entry, without the port and the brackets that some proxies write; null when it is none. */
function addressOf(entry: string): string | null {
  const bare = BRACKETED.exec(entry)?.[1] ?? entry
  if (isIP(bare) !== 0) return unmappedAddress(bare)
  const [host = ''] = bare.split(':', 1)
  return isIPv4(host) && /^:\d+$/.test(bare.slice(host.length)) ? host : null
}
