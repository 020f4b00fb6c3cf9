import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAddressMatcher, parseSite, parseSiteChange } from './site-settings.js'
import { SITE_DEFAULTS } from './site.js'

const FULL = {
  id: 'bao-vn',
  name: 'Báo',
  hosts: ['bao.vn', '*.bao.vn'],
  timeZone: 'America/New_York',
  weekStart: 'sunday',
  unit: 'pageviews',
  onlineWindowSeconds: 60,
  visitTimeoutSeconds: 3600,
  pageQueryKeys: ['id'],
  bots: 'count',
  excludedAddresses: ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32'],
}

describe('a change of a site', () => {
  it('is what is given and nothing else, whatever the defaults', () => {
    const { id: _, ...settings } = FULL
    expect(parseSiteChange({})).toEqual({ change: {} })
    expect(parseSiteChange({ unit: 'visitors' })).toEqual({ change: { unit: 'visitors' } })
    expect(parseSiteChange(settings)).toEqual({ change: settings })
    expect(parseSiteChange({ timeZone: 'asia/saigon' })).toEqual({ change: { timeZone: 'Asia/Ho_Chi_Minh' } })
  })

  it.each([
    [{ id: 'demo' }, 'id'],
    [{ hosts: ['a b'] }, 'hosts'],
    [{ bots: null }, 'bots'],
    [{ visitTimeoutSeconds: 299 }, 'visitTimeoutSeconds'],
    [null, 'body'],
    ['x', 'body'],
  ])('has the limits of a new one: %j', (json, field) => {
    expect(parseSiteChange(json)).toEqual({ problem: { code: 'bad_field', field } })
  })
})

describe('a new site', () => {
  it('needs only its id', () => {
    expect(parseSite({ id: 'demo' })).toEqual({ site: { id: 'demo', ...SITE_DEFAULTS } })
  })

  it('keeps what it is given', () => {
    expect(parseSite(FULL)).toEqual({ site: FULL })
  })

  it('has one name for its zone and clean text for its own', () => {
    expect(parseSite({ id: 'demo', timeZone: 'Asia/Saigon', name: 'a\u0000b\uD800' })).toEqual({
      site: { id: 'demo', ...SITE_DEFAULTS, timeZone: 'Asia/Ho_Chi_Minh', name: 'ab\uFFFD' },
    })
  })

  it.each([
    ['id', undefined],
    ['id', 'a'],
    ['id', 'a'.repeat(33)],
    ['id', 'a b'],
    ['id', 'demo\n'],
    ['id', 12],
    ['name', 'a'.repeat(201)],
    ['name', null],
    ['hosts', 'bao.vn'],
    ['hosts', ['https://bao.vn']],
    ['hosts', Array.from({ length: 101 }, (_, i) => `h${i}.vn`)],
    ['timeZone', 'Asia/Hanoi'],
    ['timeZone', '+07:00'],
    ['timeZone', ''],
    ['weekStart', 'saturday'],
    ['unit', 'hits'],
    ['onlineWindowSeconds', 59],
    ['onlineWindowSeconds', 1801],
    ['onlineWindowSeconds', 60.5],
    ['onlineWindowSeconds', '300'],
    ['visitTimeoutSeconds', 299],
    ['visitTimeoutSeconds', 3601],
    ['pageQueryKeys', ['']],
    ['pageQueryKeys', ['a'.repeat(65)]],
    ['pageQueryKeys', ['\uD800']],
    ['pageQueryKeys', Array.from({ length: 21 }, (_, i) => `k${i}`)],
    ['bots', true],
    ['excludedAddresses', ['10.0.0.0/33']],
    ['excludedAddresses', ['10.0.0']],
    ['excludedAddresses', ['10.0.0.0/8/8']],
    ['excludedAddresses', ['10.0.0.0/']],
    ['excludedAddresses', ['10.0.0.0/-1']],
    ['excludedAddresses', ['::1/129']],
    ['excludedAddresses', ['fe80::1%eth0']],
    ['excludedAddresses', Array.from({ length: 101 }, (_, i) => `10.0.0.${i}`)],
    ['timezone', 'Asia/Ho_Chi_Minh'],
  ])('is refused for its %s: %j', (field, value) => {
    expect(parseSite({ ...FULL, [field]: value })).toEqual({ problem: { code: 'bad_field', field } })
  })

  it('names the first wrong field in the order of the contract', () => {
    expect(parseSite({ zzz: 1, bots: 1, unit: 1, id: 'demo' })).toEqual({
      problem: { code: 'bad_field', field: 'unit' },
    })
  })

  it.each([null, [], [{ id: 'demo' }], 'demo', 1, undefined])('is an object: %j', (json) => {
    expect(parseSite(json)).toEqual({ problem: { code: 'bad_field', field: 'body' } })
  })

  it('is judged without throwing, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (json) => {
        expect('problem' in parseSite(json)).toBe(true)
      }),
    )
  })
})

const dotted = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')

describe('excluded addresses', () => {
  it.each`
    cidr                     | address                 | inside
    ${'203.0.113.7'}         | ${'203.0.113.7'}        | ${true}
    ${'203.0.113.7'}         | ${'203.0.113.8'}        | ${false}
    ${'203.0.113.7'}         | ${'::ffff:203.0.113.7'} | ${true}
    ${'::ffff:203.0.113.7'}  | ${'203.0.113.7'}        | ${true}
    ${'::ffff:10.0.0.0/104'} | ${'10.200.0.1'}         | ${true}
    ${'::ffff:10.0.0.0/104'} | ${'11.0.0.1'}           | ${false}
    ${'10.1.2.3/8'}          | ${'10.255.255.255'}     | ${true}
    ${'10.0.0.0/8'}          | ${'11.0.0.0'}           | ${false}
    ${'0.0.0.0/0'}           | ${'198.51.100.1'}       | ${true}
    ${'0.0.0.0/0'}           | ${'2001:db8::1'}        | ${false}
    ${'2001:db8::/32'}       | ${'2001:DB8:ffff::1'}   | ${true}
    ${'2001:db8::/32'}       | ${'2001:db9::1'}        | ${false}
    ${'fe80::/10'}           | ${'fe80::1%eth0'}       | ${true}
    ${'0.0.0.0/0'}           | ${'unknown'}            | ${false}
    ${'0.0.0.0/0'}           | ${''}                   | ${false}
  `('$cidr holds $address: $inside', ({ cidr, address, inside }) => {
    expect(createAddressMatcher([cidr])(address)).toBe(inside)
    expect(createAddressMatcher(['192.0.2.1', cidr])(address)).toBe(inside)
  })

  it('hold nothing when there are none', () => {
    expect(createAddressMatcher([])('203.0.113.7')).toBe(false)
  })

  it('agree with arithmetic on IPv4', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff_ff_ff_ff),
        fc.nat(32),
        fc.nat(0xff_ff_ff_ff),
        fc.nat(32),
        (base, prefix, noise, shift) => {
          // Differs from the base in the last `shift` bits only, so that both answers come up.
          const near = (base ^ (shift === 0 ? 0 : noise >>> (32 - shift))) >>> 0
          const block = 2 ** (32 - prefix)
          expect(createAddressMatcher([`${dotted(base)}/${prefix}`])(dotted(near))).toBe(
            Math.floor(base / block) === Math.floor(near / block),
          )
        },
      ),
    )
  })
})
