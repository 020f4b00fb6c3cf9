import { afterAll, describe, expect, it } from 'vitest'
import {
  beacon,
  createSite,
  endEverything,
  pause,
  postBeacon,
  startProduct,
  verdictOf,
  widgetShows,
} from '../support/harness/index.js'

afterAll(endEverything)

describe('the rate', () => {
  it('is of one address and site, takes all tokens of a request or none, and says when to come again', async () => {
    const limited = await startProduct({
      env: { TRUST_PROXY: '127.0.0.1', RATE_PER_SECOND: '1', RATE_BURST: '5' },
    })
    await createSite(limited, { id: 'one', unit: 'pageviews' })
    await createSite(limited, { id: 'two', unit: 'pageviews', hosts: ['example.vn'] })
    const some = (n: number, s = 'one', overrides: object = {}) =>
      Array.from({ length: n }, () => ({ ...beacon({ s }), ...overrides }))
    const from = async (address: string, body: unknown) => {
      const answer = await postBeacon(limited.url, body, { 'X-Forwarded-For': address })
      return { verdict: verdictOf(answer), answer }
    }
    const a = '203.0.113.1'
    expect((await from(a, some(20, 'one', { b: 1 }))).verdict).toBe('204 bot')
    expect((await from(a, some(6))).verdict).toBe('429 rate_limited')
    expect((await from(a, some(5))).verdict).toBe('204')
    const { verdict, answer } = await from(a, [...some(2), ...some(1, 'two')])
    expect(verdict).toBe('429 rate_limited')
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store' })
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
    // Judged before the rate: what is refused or dropped needs no token.
    expect((await from(a, beacon({ s: 'one', b: 1 }))).verdict).toBe('204 bot')
    expect((await from(a, beacon({ s: 'two', u: 'https://example.com/' }))).verdict).toBe('403 host_not_allowed')
    expect((await from('203.0.113.2', some(5))).verdict).toBe('204')
    expect((await from(a, some(5, 'two'))).verdict).toBe('204')
    await pause(1000 * Number(answer.headers['retry-after']))
    expect((await from(a, some(1))).verdict).toBe('204')
    await widgetShows(limited.url, 'one', { total: 11 })
    await widgetShows(limited.url, 'two', { total: 5 })
  })
})
