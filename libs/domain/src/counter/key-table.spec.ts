import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyTable } from './key-table.js'

const word = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffffffff }))

describe.each([2, 4] as const)('a key table of %i words', (words) => {
  it('gives rows in order of arrival and finds every key again, however many there are', () => {
    const key = fc.tuple(word, word, words === 4 ? word : fc.constant(0), words === 4 ? word : fc.constant(0))
    fc.assert(
      fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
        const table = new KeyTable(words)
        const rows = new Map<string, number>()
        for (const k of keys) {
          const text = k.join()
          expect(table.find(...k)).toBe(rows.get(text) ?? -1)
          if (!rows.has(text)) rows.set(text, rows.size)
          expect(table.add(...k)).toBe(rows.get(text))
        }
        expect(table.size).toBe(rows.size)
        for (const k of keys) expect(table.find(...k)).toBe(rows.get(k.join()))
      }),
    )
  })
})

it('keeps the words of a row', () => {
  const table = new KeyTable(4)
  for (let i = 0; i < 100; i++) table.add(i, 2, 3, 0xffffffff)
  expect([0, 1, 2, 3].map((n) => table.word(77, n))).toEqual([77, 2, 3, 0xffffffff])
})
