import { describe, expect, it } from 'vitest'
import { MOST_SHOWN } from './offset-entry.js'
import { MOST_OFFSETS, parseOffsets } from './parse-offsets.js'

const good = { field: 'total', shown: 2_390_401, reason: 'bộ đếm cũ' }

describe('parseOffsets', () => {
  it('reads an object, and an array in its order', () => {
    const total = { field: 'total', path: '', reason: 'bộ đếm cũ', amount: { shown: 2_390_401 } }
    expect(parseOffsets(good, [])).toEqual({ requests: [total] })
    expect(parseOffsets([good, { field: 'week', add: -5, reason: 'x' }], [])).toEqual({
      requests: [total, { field: 'week', path: '', reason: 'x', amount: { add: -5 } }],
    })
  })

  it('writes paths by the rule Path, with the keys that the site lists', () => {
    const path = (asked: string, keys: string[]) =>
      parseOffsets({ field: 'views', path: asked, shown: 1, reason: 'r' }, keys)
    expect(path('/tin/index.html', [])).toMatchObject({ requests: [{ path: '/tin' }] })
    expect(path('https://cu.example.vn/tin.aspx?z=1&id=12', ['id'])).toMatchObject({
      requests: [{ path: '/tin.aspx?id=12' }],
    })
  })

  it.each([
    [null, 'body'],
    ['total', 'body'],
    [[], 'body'],
    [{}, 'field'],
    [{ ...good, field: 'online' }, 'field'],
    [{ ...good, field: 'yesterday' }, 'field'],
    [{ ...good, shown: -1 }, 'shown'],
    [{ ...good, shown: 1.5 }, 'shown'],
    [{ ...good, shown: '5' }, 'shown'],
    [{ ...good, shown: null }, 'shown'],
    [{ ...good, shown: MOST_SHOWN + 1 }, 'shown'],
    [{ ...good, shown: undefined }, 'shown'],
    [{ ...good, add: 1 }, 'add'],
    [{ field: 'total', add: 1e300, reason: 'r' }, 'add'],
    [{ ...good, path: '/a' }, 'path'],
    [{ ...good, field: 'views' }, 'path'],
    [{ ...good, field: 'views', path: 'tin' }, 'path'],
    [{ ...good, field: 'views', path: 'ftp://x/' }, 'path'],
    [{ ...good, field: 'views', path: `/${'a'.repeat(2048)}` }, 'path'],
    [{ field: 'total', shown: 1 }, 'reason'],
    [{ ...good, reason: '' }, 'reason'],
    [{ ...good, reason: '\u0000' }, 'reason'],
    [{ ...good, reason: 'r'.repeat(201) }, 'reason'],
    [{ ...good, note: 'x' }, 'note'],
    [[good, { ...good, shown: -1 }], '[1].shown'],
    [[good, 5], '[1]'],
  ])('refuses %j for its %s', (json, field) => {
    expect(parseOffsets(json, [])).toEqual({ problem: { code: 'bad_field', field } })
  })

  it('refuses more than one request can make', () => {
    expect(
      parseOffsets(
        Array.from({ length: MOST_OFFSETS + 1 }, () => good),
        [],
      ),
    ).toEqual({ problem: { code: 'too_large' } })
  })
})
