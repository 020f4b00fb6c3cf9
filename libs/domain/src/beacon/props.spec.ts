import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { readProps } from './props.js'

const keys = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))
const json = (text: string): unknown => JSON.parse(text)

describe('readProps', () => {
  it.each([
    ['nothing said', undefined, ''],
    ['an empty object', {}, ''],
    [
      'text, number and boolean',
      { plan: 'pro', price: 12.5, trial: false },
      '{"plan":"pro","price":12.5,"trial":false}',
    ],
    ['an empty key and an empty value', { '': '' }, '{"":""}'],
    ['10 keys', keys(10), JSON.stringify(keys(10))],
    ['11 keys', keys(11), null],
    ['a key of 32', { ['k'.repeat(32)]: 1 }, `{"${'k'.repeat(32)}":1}`],
    ['a key of 33', { ['k'.repeat(33)]: 1 }, null],
    ['a key of 32 and a NUL', { [`${'k'.repeat(32)}\u0000`]: 1 }, `{"${'k'.repeat(32)}":1}`],
    ['a key with half a pair', { 'a\ud83d': 1 }, '{"a\ufffd":1}'],
    ['two keys that are one when clean', json('{"a\\u0000":1,"a":2}'), '{"a":2}'],
    ['a value of 200', { a: 'x'.repeat(200) }, `{"a":"${'x'.repeat(200)}"}`],
    ['a value of 201, cut', { a: 'x'.repeat(201) }, `{"a":"${'x'.repeat(200)}"}`],
    ['a value cut before an emoji', { a: `${'x'.repeat(199)}\u{1f600}` }, `{"a":"${'x'.repeat(199)}"}`],
    ['a value with a NUL', { a: 'x\u0000y' }, '{"a":"xy"}'],
    ['a number that JSON has and doubles have not', json('{"a":1e999}'), null],
    ['a null value', { a: null }, null],
    ['an object as value', { a: {} }, null],
    ['an array as value', { a: [] }, null],
    ['null', null, null],
    ['an array', [], null],
    ['text', '{}', null],
    ['a number', 1, null],
  ])('reads %s', (_what, value, expected) => {
    expect(readProps(value, 'event')).toBe(expected)
  })

  it('checks them on other types too, and keeps none there', () => {
    expect(readProps({ a: 1 }, 'view')).toBe('')
    expect(readProps({ a: null }, 'view')).toBeNull()
  })

  it('takes __proto__ and toJSON for keys like any other', () => {
    expect(readProps(json('{"__proto__":"x","toJSON":1}'), 'event')).toBe('{"__proto__":"x","toJSON":1}')
    expect(readProps(json('{"__proto__":{"a":1}}'), 'event')).toBeNull()
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it('gives text that is JSON again and keeps all limits', () => {
    const values = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.double(), fc.boolean(), fc.constant(null))
    const objects = fc.dictionary(fc.string({ unit: 'binary', maxLength: 40 }), values, { maxKeys: 12 })
    fc.assert(
      fc.property(objects, (object) => {
        const text = readProps(object, 'event')
        if (text === null || text === '') return
        const entries = Object.entries(JSON.parse(text) as Record<string, unknown>)
        expect(entries.length).toBeLessThanOrEqual(10)
        for (const [key, value] of entries) {
          expect(key.length).toBeLessThanOrEqual(32)
          expect(['string', 'number', 'boolean']).toContain(typeof value)
          expect(typeof value === 'string' ? value.length : 0).toBeLessThanOrEqual(200)
        }
      }),
    )
  })
})

describe('readProps in a process whose Object.prototype was polluted', () => {
  afterEach(() => void Reflect.deleteProperty(Object.prototype, 'polluted'))

  it('reads own properties only', () => {
    Reflect.set(Object.prototype, 'polluted', 'x')
    expect(readProps({ a: 1 }, 'event')).toBe('{"a":1}')
  })
})
