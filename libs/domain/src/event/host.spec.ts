import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostAllowed, hostMatches, isHostPattern, normalHost } from './host.js'

describe('a host as hosts are compared', () => {
  it.each([
    ['example.vn', 'example.vn'],
    ['Example.VN', 'example.vn'],
    ['example.vn:8080', 'example.vn'],
    ['example.vn.', 'example.vn'],
    ['www.example.vn', 'example.vn'],
    ['WWW.Example.vn.:443', 'example.vn'],
    ['www.www.example.vn', 'www.example.vn'],
    ['wwwexample.vn', 'wwwexample.vn'],
    ['a.www.example.vn', 'a.www.example.vn'],
    ['www', 'www'],
    ['báo.vn', 'xn--bo-mia.vn'],
    ['BÁO.vn', 'xn--bo-mia.vn'],
    ['xn--bo-mia.vn', 'xn--bo-mia.vn'],
    ['XN--BO-MIA.vn', 'xn--bo-mia.vn'],
    ['my_host.vn', 'my_host.vn'],
    ['localhost:3000', 'localhost'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['[::1]:8080', '[::1]'],
    ['[2001:DB8:0::1]', '[2001:db8::1]'],
    ['', ''],
    ['No Host/', 'no host/'],
  ])('%j is %j', (host, normal) => {
    expect(normalHost(host)).toBe(normal)
  })

  it('does not change with port, case, trailing dot or a www. in front', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((text) => text !== 'www')
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.nat(65_535), (labels, port) => {
        const host = labels.join('.')
        for (const same of [`www.${host}`, host.toUpperCase(), `${host}.`, `${host}:${port}`, `WWW.${host}.:${port}`]) {
          expect(normalHost(same)).toBe(host)
        }
      }),
    )
  })
})

describe('a pattern', () => {
  it.each`
    pattern               | host                     | matches
    ${'example.vn'}       | ${'example.vn'}          | ${true}
    ${'example.vn'}       | ${'www.example.vn'}      | ${true}
    ${'www.example.vn'}   | ${'example.vn:81'}       | ${true}
    ${'Example.vn.'}      | ${'EXAMPLE.VN'}          | ${true}
    ${'example.vn:8080'}  | ${'example.vn'}          | ${true}
    ${'example.vn'}       | ${'a.example.vn'}        | ${false}
    ${'example.vn'}       | ${'notexample.vn'}       | ${false}
    ${'example.vn'}       | ${'example.vn.evil.com'} | ${false}
    ${'báo.vn'}           | ${'xn--bo-mia.vn'}       | ${true}
    ${'*.example.vn'}     | ${'a.example.vn'}        | ${true}
    ${'*.example.vn'}     | ${'a.b.example.vn'}      | ${true}
    ${'*.example.vn'}     | ${'www.a.example.vn'}    | ${true}
    ${'*.Example.VN'}     | ${'A.example.vn.'}       | ${true}
    ${'*.báo.vn'}         | ${'a.xn--bo-mia.vn'}     | ${true}
    ${'*.example.vn'}     | ${'example.vn'}          | ${false}
    ${'*.example.vn'}     | ${'www.example.vn'}      | ${false}
    ${'*.example.vn'}     | ${'aexample.vn'}         | ${false}
    ${'*.example.vn'}     | ${'.example.vn'}         | ${false}
    ${'*.www.example.vn'} | ${'a.www.example.vn'}    | ${true}
    ${'*.www.example.vn'} | ${'a.example.vn'}        | ${false}
    ${'*.www.example.vn'} | ${'www.example.vn'}      | ${false}
    ${'*.www.example.vn'} | ${'www.www.example.vn'}  | ${false}
    ${'www.www.a.vn'}     | ${'www.a.vn'}            | ${false}
    ${'www.www.a.vn'}     | ${'www.www.a.vn'}        | ${true}
    ${'localhost'}        | ${'localhost:3000'}      | ${true}
    ${'[::1]'}            | ${'[0:0::1]:80'}         | ${true}
  `('$pattern takes $host: $matches', ({ pattern, host, matches }) => {
    expect(hostMatches(host, [pattern])).toBe(matches)
    expect(hostMatches(host, ['other.vn', pattern, '*.other.vn'])).toBe(matches)
    expect(hostAllowed(host, [pattern])).toBe(matches)
  })

  it('is not needed for a site that takes any host, and none matches nothing', () => {
    expect(hostAllowed('example.vn', [])).toBe(true)
    expect(hostMatches('example.vn', [])).toBe(false)
  })
})

describe('the hosts of a site', () => {
  it.each(['example.vn', 'a-b.example.vn', '*.example.vn', '*.vn', 'localhost', 'Báo.vn', '*.báo.vn', 'my_host.vn'])(
    'may hold %j',
    (text) => {
      expect(isHostPattern(text)).toBe(true)
    },
  )

  it.each(['127.0.0.1', '[::1]', 'example.vn:8080', 'example.vn.', 'xn--bo-mia.vn'])('may hold %j', (text) => {
    expect(isHostPattern(text)).toBe(true)
  })

  it.each([
    '',
    '*',
    '*.',
    '*.*.vn',
    'a.*.vn',
    '*a.vn',
    'https://example.vn',
    'example.vn/a',
    'a b.vn',
    'a,b.vn',
    '.vn',
  ])('may not hold %j', (text) => {
    expect(isHostPattern(text)).toBe(false)
  })

  it.each(['a..vn', '*.1.2.3.4', '*.[::1]', 'user@example.vn', 'a?b', '::1', `${'a'.repeat(64)}.vn`, 'a.vn\n'])(
    'may not hold %j',
    (text) => {
      expect(isHostPattern(text)).toBe(false)
    },
  )

  it('may not hold a name over 253 characters', () => {
    expect(isHostPattern(`${'abcdefg.'.repeat(31)}vn`)).toBe(true)
    expect(isHostPattern(`${'abcdefg.'.repeat(32)}vn`)).toBe(false)
  })
})
