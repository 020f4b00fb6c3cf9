import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyTooLarge, parseBody, validateBeacon } from './parse-beacon.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const padded = (begin: string, length: number): Uint8Array => bytesOf(begin.padEnd(length, ' '))
const refusal = (code: string, field?: string): object => ({
  ok: false,
  problem: field === undefined ? { code } : { code, field },
})
const array = (count: number): string => JSON.stringify(Array.from({ length: count }, () => ({})))

describe('parseBody', () => {
  it.each([
    ['nothing', '', refusal('bad_json')],
    ['half an object', '{"v":1', refusal('bad_json')],
    ['two objects', '{}{}', refusal('bad_json')],
    ['a comma too many', '[{},]', refusal('bad_json')],
    ['a raw control character in a text', '{"a":"\u0001"}', refusal('bad_json')],
    ['text', '"v"', refusal('bad_field', 'body')],
    ['a number', '1', refusal('bad_field', 'body')],
    ['true', 'true', refusal('bad_field', 'body')],
    ['null', 'null', refusal('bad_field', 'body')],
    ['an empty array', '[]', refusal('bad_field', 'body')],
    ['an array of 21', array(21), refusal('too_many_beacons')],
    ['an array of 20', array(20), { ok: true, value: { items: Array.from({ length: 20 }, () => ({})), array: true } }],
    ['an array of 1', '[{"v":1}]', { ok: true, value: { items: [{ v: 1 }], array: true } }],
    ['an object', '{"v":1}', { ok: true, value: { items: [{ v: 1 }], array: false } }],
    ['an object in white space', ' \r\n\t{"v":1} ', { ok: true, value: { items: [{ v: 1 }], array: false } }],
    ['an object behind a byte order mark', '\ufeff{"v":1}', { ok: true, value: { items: [{ v: 1 }], array: false } }],
    ['items that are no objects, judged later', '[1,null]', { ok: true, value: { items: [1, null], array: true } }],
  ])('reads %s', (_what, text, expected) => {
    expect(parseBody(bytesOf(text))).toEqual(expected)
  })

  it('takes invalid UTF-8 for bad JSON, even inside a text', () => {
    const bytes = bytesOf('{"n":"xx"}')
    bytes[6] = 0xc3
    expect(parseBody(bytes)).toEqual(refusal('bad_json'))
  })

  it('survives the deepest nesting that fits', () => {
    expect(parseBody(bytesOf('['.repeat(65_536)))).toEqual(refusal('bad_json'))
    const nested = bytesOf(`${'['.repeat(32_768)}${']'.repeat(32_768)}`)
    expect(parseBody(nested).ok).toBe(true)
  })

  it('never throws, whatever the bytes, and its items can be judged', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.array(fc.json(), { maxLength: 22 }).map((items) => `[${items.join()}]`),
    )
    const bodies = fc.oneof(fc.uint8Array({ maxLength: 60 }), texts.map(bytesOf))
    fc.assert(
      fc.property(bodies, (bytes) => {
        const body = parseBody(bytes)
        if (!body.ok) return
        expect(body.value.items.length).toBeGreaterThan(0)
        expect(body.value.items.length).toBeLessThanOrEqual(20)
        for (const item of body.value.items) expect(validateBeacon(item).ok).toBe(false)
      }),
    )
  })
})

describe('bodyTooLarge', () => {
  it.each([
    ['nothing', '', 0, false],
    ['an object of 8 KiB', '{', 8_192, false],
    ['an object of one byte more', '{', 8_193, true],
    ['an array of one byte more', '[', 8_193, false],
    ['an array of 64 KiB', '[', 65_536, false],
    ['an array of one byte more than that', '[', 65_537, true],
    ['an array behind white space', ' \t\r\n[', 8_193, false],
    ['an array behind a byte order mark', '\ufeff [', 8_193, false],
    ['an object that holds an array', ' {[', 8_193, true],
    ['white space only', '', 8_193, true],
    ['an array behind a space that is none in JSON', '\u00a0[', 8_193, true],
  ])('judges %s', (_what, begin, size, expected) => {
    const bytes = padded(begin, size - (bytesOf(begin).length - begin.length))
    expect(bytes.length).toBe(size)
    expect(bodyTooLarge(bytes)).toBe(expected)
  })
})
