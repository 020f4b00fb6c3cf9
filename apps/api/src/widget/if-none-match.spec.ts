import { describe, expect, it } from 'vitest'
import { namesTag } from './if-none-match.js'

describe('namesTag', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['W/"abc"', true],
    ['"abc"', true],
    ['W/"abd"', false],
    ['"x", W/"abc"', true],
    ['"x",W/"abc" , "y"', true],
    ['"x,W/abc"', false],
    ['abc', false],
    ['*', true],
    [' * ', true],
    ['"*"', false],
  ])('If-None-Match %j names W/"abc": %s', (header, expected) => {
    expect(namesTag(header, 'W/"abc"')).toBe(expected)
  })

  it('compares weakly against a strong tag, too', () => {
    expect(namesTag('W/"abc"', '"abc"')).toBe(true)
  })
})
