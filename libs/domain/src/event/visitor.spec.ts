import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkOf, unmappedAddress, visitorHash, visitorHashOfName } from './visitor.js'

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::5:6:7:8:9', '2001:db8:0:5::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['::203.0.113.7', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
    ['1.2.3', '1.2.3'],
    ['::fffff', '::fffff'],
    ['203.0.113.7:8080', '203.0.113.7:8080'],
  ])('of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('is one for all addresses of a /64, however they are written', () => {
    const group = fc.nat(0xff_ff)
    const groups = fc.tuple(group, group, group, group, group, group, group, group)
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const near = [...a.slice(0, 4), ...b.slice(4)]
        const long = a.map((n) => n.toString(16).padStart(4, '0')).join(':')
        const short = new URL(`http://[${near.map((n) => n.toString(16)).join(':')}]`).hostname.slice(1, -1)
        expect(networkOf(long)).toBe(networkOf(short))
        expect(networkOf(long) === networkOf(b.map((n) => n.toString(16)).join(':'))).toBe(
          a.slice(0, 4).join() === b.slice(0, 4).join(),
        )
      }),
    )
  })

  it('keeps the rest of an address where only the IPv4 form is asked for', () => {
    expect(unmappedAddress('::ffff:1.2.3.4')).toBe('1.2.3.4')
    expect(unmappedAddress('2001:db8::1')).toBe('2001:db8::1')
    expect(unmappedAddress('nonsense:')).toBe('nonsense:')
  })
})

const SALT = '00112233445566778899aabbccddeeff'.repeat(2)
const OTHER_SALT = `1${SALT.slice(1)}`
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a visitor', () => {
  it('is the first 8 bytes of SHA-256 over key, length and message', () => {
    // 'a' + '4:demo' + '9:192.0.2.1' + 'Mozilla/5.0 Việt' are 34 UTF-16 units: 1 + 6 + 11 + 16.
    const message = `${SALT}34:a4:demo9:192.0.2.1Mozilla/5.0 Việt`
    const digest = createHash('sha256').update(Buffer.from(message, 'utf8')).digest('hex')
    expect(hex(visitorHash(SALT, 'demo', '192.0.2.1', 'Mozilla/5.0 Việt'))).toBe(digest.slice(0, 16))
  })

  it('changes with the salt', () => {
    expect(hex(visitorHash(SALT, 'demo', '192.0.2.1', 'x'))).not.toBe(
      hex(visitorHash(OTHER_SALT, 'demo', '192.0.2.1', 'x')),
    )
    expect(hex(visitorHashOfName(SALT, 'demo', 'x'))).not.toBe(hex(visitorHashOfName(OTHER_SALT, 'demo', 'x')))
  })

  it('is told apart by every character of the User-Agent, also those that share a low byte', () => {
    const agents = ['', 'A', 'Ł', 'é', 'e\u0301', 'Ã©', '\u{1F600}', ' A', 'A ', 'a']
    expect(new Set(agents.map((agent) => hex(visitorHash(SALT, 'demo', '192.0.2.1', agent)))).size).toBe(agents.length)
  })

  it('cannot be had by moving characters between site, network, User-Agent and name', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', ':', 'n', '\n', 'é'), maxLength: 4 })
    const input = fc.oneof(
      fc.tuple(text, text, text).map((parts) => ({ key: JSON.stringify(parts), bytes: visitorHash(SALT, ...parts) })),
      fc.tuple(text, text).map((parts) => ({ key: JSON.stringify(parts), bytes: visitorHashOfName(SALT, ...parts) })),
    )
    fc.assert(
      fc.property(input, input, (a, b) => {
        expect(hex(a.bytes) === hex(b.bytes)).toBe(a.key === b.key)
      }),
      { numRuns: 2000 },
    )
  })

  it('of a server event that names it is none of an address and User-Agent', () => {
    expect(hex(visitorHashOfName(SALT, 'demo', '9:192.0.2.1x'))).not.toBe(
      hex(visitorHash(SALT, 'demo', '192.0.2.1', 'x')),
    )
  })

  it('is never made with a key of another length', () => {
    expect(() => visitorHash('abc', 'demo', '192.0.2.1', 'x')).toThrow(RangeError)
  })
})
