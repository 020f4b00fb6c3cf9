import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowBinaryWriter } from './row-binary.js'

const written = (write: (out: RowBinaryWriter) => void): string => {
  const out = new RowBinaryWriter()
  write(out)
  return out.finish().toString('hex')
}

// Expected bytes by hand from ClickHouse's description of RowBinary: integers little-endian, lengths as LEB128.
describe('RowBinaryWriter', () => {
  it.each([
    ['uint8', (out: RowBinaryWriter) => out.uint8(255), 'ff'],
    ['uint16', (out: RowBinaryWriter) => out.uint16(0x0102), '0201'],
    ['uint32', (out: RowBinaryWriter) => out.uint32(0x01020304), '04030201'],
    ['int64', (out: RowBinaryWriter) => out.int64(2 ** 53 - 1), 'ffffffffffff1f00'],
    ['a negative int64', (out: RowBinaryWriter) => out.int64(-2), 'feffffffffffffff'],
    ['text', (out: RowBinaryWriter) => out.text('ố'), '03e1bb91'],
    ['an empty text', (out: RowBinaryWriter) => out.text(''), '00'],
    ['a lone surrogate as U+FFFD', (out: RowBinaryWriter) => out.text('a\uD800'), '0461efbfbd'],
    ['texts', (out: RowBinaryWriter) => out.texts(['a', '']), '02016100'],
    ['bytes', (out: RowBinaryWriter) => out.bytes(Uint8Array.of(1, 2, 3)), '010203'],
    ['bytes reversed', (out: RowBinaryWriter) => out.bytes(Uint8Array.of(1, 2, 3), true), '030201'],
  ])('writes %s', (_, write, expected) => {
    expect(written(write)).toBe(expected)
  })

  it('writes any text as its length and its UTF-8, lone surrogates as U+FFFD', () => {
    const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), {
      maxLength: 90,
    })
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes)
        const utf8 = new TextEncoder().encode(text)
        const length = utf8.length < 128 ? [utf8.length] : [(utf8.length & 0x7f) | 0x80, utf8.length >> 7]
        expect(written((out) => out.text(text))).toBe(Buffer.from([...length, ...utf8]).toString('hex'))
      }),
    )
  })

  it('writes any whole number of 53 bits and its sign as 64 bits', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const expected = Buffer.alloc(8)
        expected.writeBigInt64LE(BigInt(value))
        expect(written((out) => out.int64(value))).toBe(expected.toString('hex'))
      }),
    )
  })

  it.each([
    [127, '7f'],
    [128, '8001'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
  ])('writes a length of %i as LEB128', (length, prefix) => {
    expect(written((out) => out.text('x'.repeat(length))).slice(0, prefix.length)).toBe(prefix)
  })

  it('keeps every byte however often its buffer grows', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50_000 }), { maxLength: 12 }), (parts) => {
        const all = Buffer.concat(parts).toString('hex')
        expect(written((out) => parts.forEach((part) => out.bytes(part)))).toBe(all)
      }),
      { numRuns: 30 },
    )
  })

  it.each([
    ['uint8', (out: RowBinaryWriter) => out.uint8(256)],
    ['uint16', (out: RowBinaryWriter) => out.uint16(70_000)],
    ['uint16 of a fraction', (out: RowBinaryWriter) => out.uint16(0.5)],
    ['uint32', (out: RowBinaryWriter) => out.uint32(-1)],
    ['int64', (out: RowBinaryWriter) => out.int64(2 ** 53)],
  ])('refuses a number that does not fit: %s', (_, write) => {
    expect(() => written(write)).toThrow(RangeError)
  })
})
