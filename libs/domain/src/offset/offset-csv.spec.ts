import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOffsetCsv } from './offset-csv.js'

const read = (text: string, keys: string[] = []) =>
  [...readOffsetCsv(text, 'r', keys)].map((row) => {
    if ('badLine' in row) return row.badLine
    const { path, amount } = row.request
    return [path, 'shown' in amount ? amount.shown : null]
  })

describe('readOffsetCsv', () => {
  it.each([
    [
      '/a,57\n/b,0\n',
      [
        ['/a', 57],
        ['/b', 0],
      ],
    ],
    [
      '/a,57\r\n/b,0',
      [
        ['/a', 57],
        ['/b', 0],
      ],
    ],
    ['path,shown\n/a,57\n', [['/a', 57]]],
    ['Path,Shown\r\n/a,57', [['/a', 57]]],
    [
      '\n/a,57\n\r\n\n/b,1',
      [
        ['/a', 57],
        ['/b', 1],
      ],
    ],
    ['"/a","57"', [['/a', 57]]],
    ['"/a,b",57', [['/a,b', 57]]],
    ['"/a""b",57', [['/a%22b', 57]]],
    ['/tin/bài-1/index.php?x=1,57', [['/tin/bài-1', 57]]],
    ['https://cu.example.vn/a/,57', [['/a', 57]]],
    ['', []],
    ['path,shown\n', []],
  ])('reads %j', (text, rows) => {
    // A quote is escaped by the URL rule, and an escape of it is valid UTF-8 that the rule Path decodes.
    const expected = rows.map(([path, shown]) => [String(path).replace('%22', '"'), shown])
    expect(read(text)).toEqual(expected)
  })

  it('keeps the query keys that the site lists', () => {
    expect(read('/tin.aspx?id=12&x=1,57', ['id'])).toEqual([['/tin.aspx?id=12', 57]])
  })

  it.each([
    ['/a', 1],
    ['/a,', 1],
    [',5', 1],
    ['a,5', 1],
    ['/a,5,6', 1],
    ['/a;5', 1],
    ['/a,-5', 1],
    ['/a,5.0', 1],
    ['/a, 5', 1],
    ['/a,0x5', 1],
    ['/a,1000000000000', 1],
    ['/a"b,5', 1],
    ['"/a,5', 1],
    ['"/a"b,5', 1],
    ['"/a\nb",5', 1],
    [`/${'a'.repeat(2048)},5`, 1],
    [`"${'""'.repeat(5000)}",5`, 1],
    ['path,shown\n/a,1\n\n/b,x\n/c,2', 4],
    ['/a,1\npath,shown', 2],
  ])('stops at %j with its line %i', (text, line) => {
    expect(read(text).at(-1)).toBe(line)
  })

  it('reads back whatever paths were written, quoted or not', () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', 'ă', ',', '"', ' ', '-', '%41', '1'),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(segment, fc.nat()), { minLength: 1 }),
        fc.constantFrom('\n', '\r\n'),
        (rows, end) => {
          const quoted = (path: string) => (/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path)
          const text = rows.map(([path, shown]) => `${quoted(`/x${path}x`)},${shown}`).join(end)
          const path = (asked: string) => `/x${asked.replaceAll('%41', 'A')}x`.normalize('NFC')
          expect(read(text)).toEqual(rows.map(([asked, shown]) => [path(asked), shown]))
        },
      ),
    )
  })
})
