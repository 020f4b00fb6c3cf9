import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { parse, stringify, v4, v7, version } from 'uuid'
import { describe, expect, it } from 'vitest'
import { parseUuid7, SERVER_EVENT_ID, serverEventId, uuidTimeMs } from './event-id.js'

const UUID7 = '019AB123-4567-789a-bcde-f0123456789A'
const BYTES = [0x01, 0x9a, 0xb1, 0x23, 0x45, 0x67, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a]
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 })

describe('the id of a beacon', () => {
  it.each([UUID7, UUID7.toLowerCase(), UUID7.toUpperCase(), UUID7.replaceAll('-', '')])(
    '%s is its 16 bytes',
    (text) => {
      expect([...parseUuid7(text)!]).toEqual(BYTES)
    },
  )

  it.each([
    ['', 'empty'],
    ['019ab123-4567-489a-bcde-f0123456789a', 'version 4'],
    ['019ab123-4567-789a-7cde-f0123456789a', 'variant of NCS'],
    ['019ab123-4567-789a-ccde-f0123456789a', 'variant of Microsoft'],
    ['019ab1234567-789a-bcde-f0123456789a', 'a dash missing'],
    ['019ab1234-567-789a-bcde-f0123456789a', 'a dash in the wrong place'],
    ['019ab123-4567-789a-bcde-f0123456789', 'one digit short'],
    ['019ab123-4567-789a-bcde-f0123456789g', 'no hex digit'],
    ['019ab123_4567_789a_bcde_f0123456789a', 'other dashes'],
    ['{019ab1234567789abcdef0123456789a}', 'braces'],
    ['019ab1234567789abcdef0123456789\u0161', 'a character beyond ASCII'],
    ['019ab123456778٩abcdef01234567890', 'another digit nine'],
  ])('%j is refused: %s', (text) => {
    expect(parseUuid7(text)).toBeNull()
  })

  it('is taken exactly when a kept UUID package calls it version 7', () => {
    fc.assert(
      fc.property(bytes16, fc.constantFrom(4, 7), fc.boolean(), (raw, nibble, rfc) => {
        raw[6] = (nibble << 4) | (raw[6]! & 15)
        if (rfc) raw[8] = 0x80 | (raw[8]! & 0x3f)
        const text = Buffer.from(raw)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
        const seven = nibble === 7 && raw[8]! >> 6 === 2 && version(text) === 7
        expect(parseUuid7(text)).toEqual(seven ? raw : null)
      }),
    )
    expect(parseUuid7(v7())).not.toBeNull()
  })
})

describe('the time of a UUID', () => {
  it('is its first 48 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2100, 0, 1) - 1 }), (msecs) => {
        expect(uuidTimeMs(parse(v7({ msecs })))).toBe(msecs)
      }),
    )
  })

  it('is clamped to 2020-2099, whatever a client wrote', () => {
    expect(uuidTimeMs(parse(v7({ msecs: 0 })))).toBe(Date.UTC(2020, 0, 1))
    expect(uuidTimeMs(parse(v7({ msecs: Date.UTC(2019, 11, 31) })))).toBe(Date.UTC(2020, 0, 1))
    expect(uuidTimeMs(parse(v7({ msecs: Date.UTC(2100, 0, 1) })))).toBe(Date.UTC(2100, 0, 1) - 1)
    expect(uuidTimeMs(new Uint8Array(16).fill(255))).toBe(Date.UTC(2100, 0, 1) - 1)
  })
})

describe('the id of a server event', () => {
  it('is the same as at the other door when it is a UUID, in either case, with or without dashes', () => {
    for (const text of [UUID7, UUID7.toLowerCase(), UUID7.replaceAll('-', '')]) {
      expect([...serverEventId(text)]).toEqual(BYTES)
    }
  })

  it('is the UUID of any version', () => {
    const four = v4()
    expect(stringify(serverEventId(four.toUpperCase()))).toBe(four)
  })

  it('is a hash of any other text, case and all', () => {
    const expected = createHash('sha256').update('truycap server event id:order.17').digest().subarray(0, 16)
    expect([...serverEventId('order.17')]).toEqual([...expected])
    expect([...serverEventId('Order.17')]).not.toEqual([...expected])
    expect(serverEventId('a')).toHaveLength(16)
  })

  it('is written in the characters of the contract', () => {
    for (const text of ['a', 'A-z_0.9:x', 'a'.repeat(64)]) expect(SERVER_EVENT_ID.test(text)).toBe(true)
    for (const text of ['', 'a'.repeat(65), 'a b', 'a/b', 'é', 'a\n']) expect(SERVER_EVENT_ID.test(text)).toBe(false)
  })
})
