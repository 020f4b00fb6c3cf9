import { describe, expect, it } from 'vitest'
import { readOptions, readRefreshMs } from './options.js'

const DEFAULTS = { site: '', api: 'https://count.vn' }

function options(attributes: Record<string, string>) {
  return readOptions((name) => attributes[name] ?? null, DEFAULTS)
}

describe('readRefreshMs', () => {
  it.each([
    [null, 60_000],
    ['', 60_000],
    ['soon', 60_000],
    ['-5', 60_000],
    ['0', 0],
    ['1', 15_000],
    ['15', 15_000],
    ['90', 90_000],
    ['99999999', 86_400_000],
  ])('reads %j as %d ms', (attribute, expected) => {
    expect(readRefreshMs(attribute)).toBe(expected)
  })
})

describe('readOptions', () => {
  it('needs nothing but the site', () => {
    expect(options({ site: 'demo' })).toEqual({
      site: 'demo',
      api: 'https://count.vn',
      showsTotal: true,
      lines: ['online', 'week', 'month', 'year'],
      digits: 9,
      refreshMs: 60_000,
      lang: null,
      heading: null,
    })
  })

  it('shows what is asked for, in that order, once each, and passes over what it does not know', () => {
    const { showsTotal, lines } = options({ show: 'yesterday, today,views,today, online' })
    expect(showsTotal).toBe(false)
    expect(lines).toEqual(['yesterday', 'today', 'online'])
  })

  it.each([
    ['12', 12],
    ['13', 12],
    ['0', 1],
    ['7.9', 7],
    ['many', 9],
  ])('reads digits="%s" as %d', (digits, expected) => {
    expect(options({ digits }).digits).toBe(expected)
  })

  it('asks another api when told to', () => {
    expect(options({ api: 'https://other.vn/' }).api).toBe('https://other.vn')
  })
})
