import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CountryReader } from './country.reader.js'

const reader = new CountryReader()

describe('the country of an address', () => {
  it.each([
    ['VNPT', '14.160.0.1', 'VN'],
    ['Viettel', '27.64.0.1', 'VN'],
    ['FPT', '1.52.0.1', 'VN'],
    ['Viettel, IPv6', '2402:800:61ab::1', 'VN'],
    ['VNPT, IPv6', '2001:ee0:4f00::1', 'VN'],
    ['FPT, IPv6', '2405:4802:1::1', 'VN'],
    ['Google', '8.8.8.8', 'US'],
    ['Google, IPv6', '2001:4860:4860::8888', 'US'],
    ['Telekom', '80.128.0.1', 'DE'],
  ])('is known of %s', (_, address, country) => {
    expect(reader.country(address)).toBe(country)
  })

  it.each([
    '::ffff:14.160.0.1',
    '::FFFF:14.160.0.1',
    '::ffff:0ea0:1',
    '::ffff:ea0:0001',
    '0:0:0:0:0:ffff:14.160.0.1',
    '0000:0000:0000:0000:0000:ffff:0ea0:0001',
  ])('is that of the IPv4 in %s', (address) => {
    expect(reader.country(address)).toBe('VN')
  })

  it.each([
    ['private', ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12::1']],
    ['this machine', ['127.0.0.1', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1', '::ffff:c0a8:101']],
    ['this link', ['169.254.1.1', 'fe80::1', 'fe80::1%eth0']],
    ['for documents', ['192.0.2.1', '198.51.100.1', '203.0.113.9', '2001:db8::1', '2001:0db8::1', '3fff::1']],
    ['for groups', ['224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1']],
    ['of no use', ['', ' ', 'localhost', '1.2.3', '1.2.3.4.5', '999.1.1.1', '8.8.8.8:80', '[::1]', 'a'.repeat(9_999)]],
    ['not in the data', ['4000::1']],
  ])('is unknown where it is %s', (_, addresses) => {
    expect(addresses.map((address) => reader.country(address))).toEqual(addresses.map(() => ''))
  })

  it('knows the neighbours of private networks', () => {
    const neighbours = ['9.9.9.9', '11.1.1.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '100.63.0.1', '100.128.0.1']
    expect(neighbours.filter((address) => reader.country(address) === '')).toEqual([])
  })

  it('is that of the address itself, whatever was asked for in its neighbourhood before', () => {
    const blocks = ['14.160', '8.8', '192.0', '198.51', '203.0', '100.64', '172.31', '1.0', '1.1']
    const asked = blocks.flatMap((block) =>
      ['.0.1', '.2.1', '.100.7', '.113.9', '.255.254'].map((rest) => block + rest),
    )
    const warm = new CountryReader()
    for (const address of asked) warm.country(address)
    expect(asked.map((address) => warm.country(address))).toEqual(
      asked.map((address) => new CountryReader().country(address)),
    )
  })

  it('is that of the IPv4, however an IPv4-mapped address is written', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const hex = octets.map((part) => part.toString(16).padStart(2, '0')).join('')
        const country = reader.country(octets.join('.'))
        expect(reader.country(`::ffff:${octets.join('.')}`)).toBe(country)
        expect(reader.country(`::FFFF:${hex.slice(0, 4)}:${hex.slice(4)}`)).toBe(country)
      }),
      { numRuns: 500 },
    )
  })

  it('is two capitals or nothing for every address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        expect(reader.country(address)).toMatch(/^(?:[A-Z]{2})?$/)
      }),
    )
  })
})
