import { describe, expect, it } from 'vitest'
import { clientAddress, trustedProxies } from './client-address.js'

const trusted = trustedProxies(['10.0.0.0/8', '2001:db8:ffff::/48', '127.0.0.1'])

describe('without a trusted peer', () => {
  it('takes the address of the peer and does not read X-Forwarded-For', () => {
    expect(clientAddress('203.0.113.7', '198.51.100.1', trusted)).toEqual({
      address: '203.0.113.7',
      untrustedForwarded: true,
    })
  })

  it('says nothing of forwarding when the peer sent no X-Forwarded-For', () => {
    expect(clientAddress('203.0.113.7', undefined, trusted)).toEqual({
      address: '203.0.113.7',
      untrustedForwarded: false,
    })
  })

  it('trusts nobody by default, not even this machine', () => {
    expect(clientAddress('127.0.0.1', '198.51.100.1', trustedProxies([]))).toEqual({
      address: '127.0.0.1',
      untrustedForwarded: true,
    })
  })

  it('has no address when the socket has none', () => {
    expect(clientAddress(undefined, undefined, trusted).address).toBe('')
  })

  it('writes an IPv4-mapped peer as its IPv4', () => {
    expect(clientAddress('::ffff:203.0.113.7', undefined, trusted).address).toBe('203.0.113.7')
  })
})

describe('behind a trusted peer', () => {
  const cases: [rule: string, peer: string, forwardedFor: string, address: string][] = [
    ['takes the only address', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    [
      'takes the rightmost untrusted one, whatever a client wrote before',
      '10.0.0.1',
      '6.6.6.6, 203.0.113.7',
      '203.0.113.7',
    ],
    ['passes over trusted ones on the right', '10.0.0.1', '203.0.113.7, 10.0.0.3,10.0.0.2', '203.0.113.7'],
    ['passes over a trusted IPv6 proxy', '10.0.0.1', '203.0.113.7, 2001:db8:ffff::1', '203.0.113.7'],
    ['takes the leftmost when all are trusted', '10.0.0.1', '10.0.0.9, 10.0.0.2', '10.0.0.9'],
    ['takes a mapped peer for its IPv4', '::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['takes a mapped entry for its IPv4', '10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['recognises a mapped entry as a trusted IPv4', '10.0.0.1', '203.0.113.7, ::ffff:10.0.0.2', '203.0.113.7'],
    ['leaves out the port of an IPv4', '10.0.0.1', '203.0.113.7:51234', '203.0.113.7'],
    ['leaves out brackets', '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['leaves out brackets and port', '10.0.0.1', '[2001:db8::7]:51234', '2001:db8::7'],
    ['leaves out quotes', '10.0.0.1', '"[2001:db8::7]:51234"', '2001:db8::7'],
    ['takes IPv6 as it is written', '10.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['stays with the proxy that wrote what is no address', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['stays with the proxy that wrote nothing', '10.0.0.1', '', '10.0.0.1'],
    ['does not look behind what is no address', '10.0.0.1', '203.0.113.7, unknown, 10.0.0.2', '10.0.0.2'],
    ['does not look behind an empty entry', '10.0.0.1', '203.0.113.7,, 10.0.0.2', '10.0.0.2'],
    ['takes a number with too many parts for no address', '10.0.0.1', '1.2.3.4.5', '10.0.0.1'],
    ['takes a port without an address for no address', '10.0.0.1', ':8080', '10.0.0.1'],
    ['takes spaces around entries for nothing', '10.0.0.1', '  203.0.113.7 ,  10.0.0.2  ', '203.0.113.7'],
  ]

  it.each(cases)('%s', (_rule, peer, forwardedFor, address) => {
    expect(clientAddress(peer, forwardedFor, trusted)).toEqual({ address, untrustedForwarded: false })
  })
})

it('refuses a proxy that is neither an address nor a CIDR', () => {
  expect(() => trustedProxies(['proxy.example.vn'])).toThrow(RangeError)
})
