import { describe, expect, it } from 'vitest'
import { isUrl } from './url.js'

describe('isUrl', () => {
  it.each([
    ['https://example.vn/', true],
    ['https://b\u00e1o.vn/', true],
    ['https://b\u1ea1n.vn/\u00e1?\u00e1#\u00e1', true],
    ['https://example.vn/\u{1f600}', true],
    ['https://', false],
    ['https://\u00e1 b/', false],
    ['//b\u00e1o.vn/', false],
    ['', false],
  ])('of %j is %j, however often it was asked', (text, expected) => {
    const answers = new Set<boolean>()
    // Long enough for the runtime to compile it in its fastest form.
    for (let n = 0; n < 20_000; n++) answers.add(isUrl(text))
    expect([...answers]).toEqual([expected])
  })
})
