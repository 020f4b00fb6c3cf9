import { describe, expect, it } from 'vitest'
import { createReferrerCache, entryOf, hostOfReferrer } from './referrer.js'

describe('a view without visitor', () => {
  it.each`
    referrer                         | hosts               | entry    | why
    ${''}                            | ${[]}               | ${true}  | ${'there is no referrer'}
    ${'/a'}                          | ${[]}               | ${true}  | ${'it does not parse'}
    ${'https://'}                    | ${[]}               | ${true}  | ${'it does not parse'}
    ${'about:blank'}                 | ${[]}               | ${true}  | ${'it names no host'}
    ${'https://www.google.com/'}     | ${[]}               | ${true}  | ${'it is another host, and [] matches none here'}
    ${'https://example.vn/a'}        | ${[]}               | ${false} | ${'it is the host of the page'}
    ${'http://WWW.Example.vn:81/a'}  | ${[]}               | ${false} | ${'hosts are compared without www., case and port'}
    ${'https://a.example.vn/'}       | ${[]}               | ${true}  | ${'a part of the site is another host'}
    ${'https://a.example.vn/'}       | ${['*.example.vn']} | ${false} | ${'the site lists it'}
    ${'https://example.com/'}        | ${['example.com']}  | ${false} | ${'the site lists it'}
    ${'https://evil.com/example.vn'} | ${['example.vn']}   | ${true}  | ${'only its host is looked at'}
    ${'android-app://com.zing.zalo'} | ${['example.vn']}   | ${true}  | ${'an app is elsewhere'}
  `('with referrer $referrer and hosts $hosts is an entry: $entry, since $why', ({ referrer, hosts, entry }) => {
    expect(entryOf(referrer, 'example.vn', hosts)).toBe(entry)
    expect(entryOf(referrer, 'www.example.vn', hosts)).toBe(entry)
  })
})

describe('the host of a referrer', () => {
  it.each([
    ['https://www.Google.com:443/search?q=a', 'www.google.com'],
    ['https://báo.vn/', 'xn--bo-mia.vn'],
    ['android-app://com.Zing.zalo/', 'com.zing.zalo'],
    ['', ''],
    ['google.com', ''],
    ['about:blank', ''],
    ['http://[', ''],
  ])('of %j is %j, cached or not', (referrer, host) => {
    const cached = createReferrerCache(2)
    expect(hostOfReferrer(referrer)).toBe(host)
    expect([cached(referrer), cached(referrer)]).toEqual([host, host])
  })

  it('is found for addresses that are too long to keep', () => {
    expect(createReferrerCache(2)(`https://a.vn/${'x'.repeat(1000)}`)).toBe('a.vn')
  })
})
