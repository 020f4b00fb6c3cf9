import type { IncomingHttpHeaders } from 'node:http'
import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { Metrics } from '#metrics'
import { BeaconRequestReader } from './beacon-request.js'

Logger.overrideLogger(false)

function readerOf(trustProxy: string[] = [], metrics = new Metrics()) {
  const reader = new BeaconRequestReader({ trustProxy, ratePerSecond: 0, rateBurst: 0 }, metrics)
  return (headers: IncomingHttpHeaders, remoteAddress = '203.0.113.7') => reader.read(headers, remoteAddress)
}

describe('the reader', () => {
  it('is the address, its network and the User-Agent verbatim', () => {
    expect(readerOf()({ 'user-agent': ' Odd  Agent ' }, '2001:db8:1:2:3::4').reader).toEqual({
      address: '2001:db8:1:2:3::4',
      network: '2001:db8:1:2::/64',
      userAgent: ' Odd  Agent ',
      visitorName: '',
    })
  })

  it('has the empty User-Agent when there is none', () => {
    expect(readerOf()({}).reader.userAgent).toBe('')
  })

  it('is who a trusted proxy forwards for', () => {
    const read = readerOf(['127.0.0.1'])
    expect(read({ 'x-forwarded-for': '198.51.100.1' }, '::ffff:127.0.0.1').reader.address).toBe('198.51.100.1')
  })

  it('is the peer when that is not trusted, and each such request is counted', async () => {
    const metrics = new Metrics()
    const read = readerOf([], metrics)
    expect(read({ 'x-forwarded-for': '198.51.100.1' }).reader.address).toBe('203.0.113.7')
    read({ 'x-forwarded-for': '198.51.100.1' })
    read({})
    expect((await metrics.untrustedForwarded.get()).values[0]?.value).toBe(2)
  })
})

describe('privacy', () => {
  it.each<[IncomingHttpHeaders, boolean]>([
    [{}, false],
    [{ 'sec-gpc': '1' }, true],
    [{ dnt: '1' }, true],
    [{ 'sec-gpc': '0', dnt: '0' }, false],
    [{ dnt: 'null' }, false],
  ])('of %o is asked for: %s', (headers, privacy) => {
    expect(readerOf()(headers).privacy).toBe(privacy)
  })
})

describe('a prefetch', () => {
  it.each<[IncomingHttpHeaders, boolean]>([
    [{}, false],
    [{ 'sec-purpose': 'prefetch' }, true],
    [{ 'sec-purpose': 'prefetch;prerender' }, true],
    [{ 'sec-purpose': 'prefetch; anonymous-client-ip' }, true],
    [{ purpose: 'Prefetch' }, true],
    [{ 'x-moz': 'prefetch' }, true],
    [{ purpose: 'prefetching' }, false],
    [{ purpose: 'preview' }, false],
    [{ 'sec-fetch-dest': 'prefetch' }, false],
  ])('is %o: %s', (headers, prefetch) => {
    expect(readerOf()(headers).prefetch).toBe(prefetch)
  })
})
