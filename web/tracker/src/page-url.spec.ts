import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trimUrl, withoutFragment } from './page-url.js'

const HOST = 'https://example.vn'
const pair = (name: string) => `${name}=${name.repeat(996)}`
const path = (length: number) => `/${'a'.repeat(length - 1)}`

// Read by hand: what is between the first ? and the #, cut at every &.
function pairsOf(url: string): string[] {
  const [whole = ''] = url.split('#')
  const start = whole.indexOf('?')
  return start < 0 ? [] : whole.slice(start + 1).split('&')
}

describe('withoutFragment', () => {
  it('cuts from the first number sign on', () => {
    expect(withoutFragment('https://example.vn/a?b=1#c#d')).toBe('https://example.vn/a?b=1')
    expect(withoutFragment('https://example.vn/a')).toBe('https://example.vn/a')
  })
})

describe('trimUrl', () => {
  it('leaves a URL of 2,048 characters alone, fragment and all', () => {
    const url = `${HOST}${path(2000)}?a=1#${'f'.repeat(2048 - HOST.length - 2000 - 5)}`
    expect(url).toHaveLength(2048)
    expect(trimUrl(url)).toBe(url)
  })

  it('takes the fragment away first', () => {
    expect(trimUrl(`${HOST}/tin?id=12#${'f'.repeat(3000)}`)).toBe(`${HOST}/tin?id=12`)
  })

  it('takes whole query pairs away from the end, never half a value', () => {
    // 18 of the host, 1 of the path, then 999 for each pair with its separator: two pairs are 2,017, three 3,016.
    const two = `${HOST}/?${pair('a')}&${pair('b')}`
    expect(two).toHaveLength(18 + 1 + 2 * 999)
    expect(trimUrl(`${two}&${pair('c')}#end`)).toBe(two)
  })

  it('keeps a pair that ends exactly at the limit', () => {
    const exact = `${HOST}/?a=${'x'.repeat(2048 - HOST.length - 4)}`
    expect(exact).toHaveLength(2048)
    expect(trimUrl(`${exact}&b=2`)).toBe(exact)
  })

  it('loses the whole query when its first pair is too long, ampersands in the path or not', () => {
    expect(trimUrl(`${HOST}/a&b?q=${'x'.repeat(3000)}`)).toBe(`${HOST}/a&b`)
    expect(trimUrl(`${HOST}/a?q=${'x?'.repeat(1500)}`)).toBe(`${HOST}/a`)
  })

  it('cuts a path that is too long by itself rather than lose the view', () => {
    expect(trimUrl(`${HOST}${path(3000)}?a=1`)).toBe(`${HOST}${path(2048 - HOST.length)}`)
  })

  it('gives at most 2,048 characters, which begin the URL, and whole pairs only', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', '&', '=', '?', '#', '%41'), minLength: 1900, maxLength: 4000 })
    fc.assert(
      fc.property(piece, (rest) => {
        const url = `${HOST}/${rest}`
        const trimmed = trimUrl(url)
        expect(trimmed.length).toBeLessThanOrEqual(2048)
        expect(url.startsWith(trimmed)).toBe(true)
        expect(trimmed.startsWith(`${HOST}/`)).toBe(true)
        expect(pairsOf(url).slice(0, pairsOf(trimmed).length)).toEqual(pairsOf(trimmed))
      }),
    )
  })
})
