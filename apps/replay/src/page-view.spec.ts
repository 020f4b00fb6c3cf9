import { describe, expect, it } from 'vitest'
import type { LogLine } from './combined-log.js'
import { judgeLine } from './page-view.js'

const get = (overrides: Partial<LogLine> = {}): LogLine => ({
  address: '192.0.2.1',
  atSeconds: 0,
  method: 'GET',
  target: '/',
  status: 200,
  ...overrides,
})
const outcome = (line: LogLine | undefined, takeAll = false) => {
  const verdict = judgeLine(line, takeAll)
  return 'skipped' in verdict ? verdict.skipped : 'page view'
}

describe('which lines are page views', () => {
  it.each<[Partial<LogLine>, string]>([
    [{}, 'page view'],
    [{ status: 304 }, 'page view'],
    [{ target: '/tin.html?x=a.png' }, 'page view'],
    [{ target: '/a.b/c' }, 'page view'],
    [{ target: '/bai-viet/v1.2' }, 'page view'],
    [{ target: '/blog/?flav=rss20' }, 'page view'],
    [{ target: '/a.css' }, 'asset'],
    [{ target: '/a.PNG?v=1' }, 'asset'],
    [{ target: '/robots.txt' }, 'asset'],
    [{ target: '/favicon.ico#x' }, 'asset'],
    [{ method: 'HEAD' }, 'not_get'],
    [{ method: 'get' }, 'not_get'],
    [{ method: 'POST' }, 'not_get'],
    [{ status: 206 }, 'status'],
    [{ status: 301 }, 'status'],
    [{ status: 404, target: '/a.css' }, 'status'],
    [{ target: 'http://example.vn/' }, 'no_request'],
    [{ target: '*', method: 'OPTIONS' }, 'no_request'],
  ])('%o is: %s', (overrides, expected) => {
    expect(outcome(get(overrides))).toBe(expected)
  })

  it('needs an address, a request, and a line that could be read', () => {
    const { address, ...noAddress } = get()
    const { method, target, ...noRequest } = get()
    expect([address, method, target]).toEqual(['192.0.2.1', 'GET', '/'])
    expect([outcome(noAddress), outcome(noRequest), outcome(undefined)]).toEqual(['no_address', 'no_request', 'broken'])
  })

  it('takes assets, errors and other methods when all is asked', () => {
    expect(outcome(get({ method: 'POST', status: 500, target: '/a.css' }), true)).toBe('page view')
    expect(outcome(get({ target: '*' }), true)).toBe('no_request')
  })
})
