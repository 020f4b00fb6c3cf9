import { describe, expect, it } from 'vitest'
import { readHeartbeatMs, readSettings } from './settings.js'

describe('readHeartbeatMs', () => {
  it.each([
    [undefined, 120_000],
    ['', 120_000],
    ['60', 60_000],
    ['30', 30_000],
    ['29', 30_000],
    ['1', 30_000],
    ['0', Infinity],
    ['off', Infinity],
    // Above 2^31 ms setTimeout would fire at once.
    ['99999999', 86_400_000],
  ])('reads %j as %d ms', (attribute, expected) => {
    expect(readHeartbeatMs(attribute)).toBe(expected)
  })
})

describe('readSettings', () => {
  it('needs nothing but the site', () => {
    expect(readSettings({ site: 'demo' }, 'https://count.example.vn')).toEqual({
      site: 'demo',
      api: 'https://count.example.vn',
      spa: true,
      heartbeatMs: 120_000,
    })
  })

  it('is nothing without a site', () => {
    expect(readSettings({}, 'https://count.example.vn')).toBeUndefined()
    expect(readSettings({ site: '' }, 'https://count.example.vn')).toBeUndefined()
  })

  it('sends to data-api, with or without a slash at its end', () => {
    expect(readSettings({ site: 'demo', api: 'https://a.vn/t/' }, 'https://b.vn')?.api).toBe('https://a.vn/t')
  })

  it.each([
    ['off', false],
    ['false', false],
    ['0', false],
    ['', true],
    ['on', true],
  ])('reads data-spa="%s" as %s', (spa, expected) => {
    expect(readSettings({ site: 'demo', spa }, 'https://b.vn')?.spa).toBe(expected)
  })
})
