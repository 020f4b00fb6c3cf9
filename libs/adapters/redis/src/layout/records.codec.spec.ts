import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeStretches, encodeIdField, encodeRunField, encodeStretches } from './records.codec.js'

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('the codec of records', () => {
  it('gives back every list of stretches', () => {
    const stretches = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }))
    fc.assert(
      fc.property(stretches, (list) => {
        expect(decodeStretches(encodeStretches(list))).toEqual(list)
      }),
    )
  })

  it('keeps visits and views apart by length, and every bit of an id', () => {
    const visitor = { site: 'aa', day: 1, visitorHigh: 1, visitorLow: 2 }
    expect(encodeRunField({ ...visitor, pathHigh: 0, pathLow: 0 }).toString('hex')).toBe('0000000100000002')
    expect(encodeRunField({ ...visitor, pathHigh: 0, pathLow: 3 })).toHaveLength(16)
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words) => {
        const bytes = encodeIdField({ site: 'aa', words })
        expect([0, 4, 8, 12].map((at) => bytes.readUInt32BE(at))).toEqual(words)
      }),
    )
  })
})
