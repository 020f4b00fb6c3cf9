import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineSplitter } from './ndjson.js'

const LIMIT = 5
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** `[line, text]`, with the text read at once. */
function split(chunks: readonly Uint8Array[], limit = LIMIT): [number, string][] {
  const splitter = createLineSplitter(limit)
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].map(({ line, bytes }) => [
    line,
    bytes === 'too_large' ? bytes : new TextDecoder().decode(bytes),
  ])
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, i) => bytes.slice(edges[i], edge))
}

/** The same rule on the whole text at once. */
function expectedLines(text: string): [number, string][] {
  return text.split('\n').flatMap((raw, i): [number, string][] => {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.length > LIMIT) return [[i + 1, 'too_large']]
    return /^[ \t\r]*$/.test(line) ? [] : [[i + 1, line]]
  })
}

describe('createLineSplitter', () => {
  it.each([
    ['nothing', '', []],
    ['one line', 'a\n', [[1, 'a']]],
    [
      'a last line without line end',
      'a\nb',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'CRLF',
      'a\r\nb\r\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['a last line that ends in CR', 'a\r', [[1, 'a']]],
    ['blank lines, numbered and left out', '\n \t\n\r\na\n\n', [[4, 'a']]],
    ['a line of the limit', '12345\n', [[1, '12345']]],
    ['a line of the limit with CRLF', '12345\r\n', [[1, '12345']]],
    ['a last line of the limit', '12345', [[1, '12345']]],
    [
      'a line of one byte more',
      '123456\na',
      [
        [1, 'too_large'],
        [2, 'a'],
      ],
    ],
    [
      'a line of one byte more with CRLF',
      '123456\r\na',
      [
        [1, 'too_large'],
        [2, 'a'],
      ],
    ],
    [
      'a last line of one byte more',
      'a\n123456',
      [
        [1, 'a'],
        [2, 'too_large'],
      ],
    ],
    ['bytes, not characters', 'ếế\n', [[1, 'too_large']]],
    ['a CR inside a line', 'a\rb\n', [[1, 'a\rb']]],
  ])('reads %s, however it is cut', (_what, text, expected) => {
    const bytes = bytesOf(text)
    expect(split([bytes])).toEqual(expected)
    expect(split(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('gives the same lines for any cuts of any text', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', '{', ' ', '\t', '\r', '\n', '\n'), maxLength: 60 })
    fc.assert(
      fc.property(texts, fc.array(fc.nat(100), { maxLength: 8 }), (text, places) => {
        expect(split(cutAt(bytesOf(text), places))).toEqual(expectedLines(text))
      }),
      { numRuns: 1_000 },
    )
  })

  it('goes on after a line of a gigabyte, of which it holds nothing', () => {
    const splitter = createLineSplitter(LIMIT)
    const chunk = new Uint8Array(1024 * 1024).fill(0x61)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 1024; i++) expect(splitter.push(chunk)).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
    expect(splitter.push(bytesOf('\nb\n'))).toEqual([
      { line: 1, bytes: 'too_large' },
      { line: 2, bytes: bytesOf('b') },
    ])
  })

  it('keeps a line that was put together when the next one is put together', () => {
    const splitter = createLineSplitter(LIMIT)
    const lines = ['a', 'b\nc', 'd\n'].flatMap((text) => splitter.push(bytesOf(text)))
    expect(lines).toEqual([
      { line: 1, bytes: bytesOf('ab') },
      { line: 2, bytes: bytesOf('cd') },
    ])
  })
})
