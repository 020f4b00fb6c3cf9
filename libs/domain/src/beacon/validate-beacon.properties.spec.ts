import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateBeacon } from './parse-beacon.js'

/** In the order of the table. */
const KEYS = ['v', 's', 'e', 'i', 'u', 'r', 'n', 'w', 'l', 'z', 'a', 'd', 'm', 'o', 'b', 'g'] as const
type Key = (typeof KEYS)[number]

/** Any characters, halves of pairs and controls among them, up to about 2,000 of them. */
const text = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'ế', '\u{1f600}', '\ud83d', '\ude00', '\u0000', '\u0085') }),
    fc.nat(200),
  )
  .map(([part, times]) => part.repeat(times))
const scalar = fc.oneof(text, fc.integer(), fc.boolean())

const RIGHT: Readonly<Record<Key, fc.Arbitrary<unknown>>> = {
  v: fc.constant(1),
  s: fc.stringMatching(/^[A-Za-z0-9_-]{2,32}$/),
  e: fc.constantFrom('view', 'event', 'heartbeat', 'leave'),
  i: fc.uuid({ version: 7 }),
  u: fc.webUrl({ validSchemes: ['http', 'https'] }),
  r: text,
  n: text,
  w: fc.integer({ min: 1, max: 20_000 }),
  l: text,
  z: text,
  a: fc.integer({ min: 0, max: 86_400_000 }),
  d: fc.integer({ min: 1, max: 3_600 }),
  m: fc.string({ maxLength: 64 }),
  o: fc.dictionary(fc.string({ maxLength: 32 }), scalar, { maxKeys: 10 }),
  b: fc.integer({ min: 0, max: 255 }),
  g: fc.constantFrom(0, 1),
}
const beacons = fc.record(RIGHT)

/** Wrong for every key, but for `u` where it is ignored. */
const wrong = fc.constantFrom<unknown>(null, [], true, 1.5, -3, [1])
const MISSING = undefined
const mistakes = fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(wrong, fc.constant(MISSING)), { maxKeys: 4 })
const orders = fc.shuffledSubarray([...KEYS], { minLength: KEYS.length })

function isMistake(key: Key, value: unknown, type: unknown): boolean {
  const pageless = type === 'heartbeat' || type === 'leave'
  if (key === 'u') return !pageless
  if (value !== MISSING) return true
  return ['v', 's', 'e', 'i'].includes(key) || (key === 'm' && type === 'event') || (key === 'd' && type === 'leave')
}

function verdict(item: unknown): string {
  const checked = validateBeacon(item)
  return checked.ok ? 'kept' : [checked.problem.code, checked.problem.field].filter(Boolean).join(' ')
}

describe('validateBeacon, whatever it is given', () => {
  it('names the first wrong key in the order of the table, and refuses nothing else', () => {
    fc.assert(
      fc.property(beacons, mistakes, orders, (beacon, changes, order) => {
        const changed: Record<Key, unknown> = { ...beacon, ...changes }
        const item = Object.fromEntries(
          order.map((key) => [key, changed[key]]).filter(([, value]) => value !== MISSING),
        )
        const first = KEYS.find((key) => key in changes && isMistake(key, changes[key], changed.e))
        const version = first === 'v' && changed.v === -3
        const refusal = version ? 'unsupported_version' : `bad_field ${first}`
        expect(verdict(item)).toBe(first === undefined ? 'kept' : refusal)
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps all limits in what it accepts', () => {
    fc.assert(
      fc.property(beacons, (item) => {
        const checked = validateBeacon(item)
        if (!checked.ok) throw new Error(checked.problem.field)
        const { url, referrer, title, language, zone, name, props, id } = checked.value
        expect(url === '' ? 'http:' : new URL(url).protocol).toMatch(/^https?:$/)
        const lengths = [url, referrer, title, language, zone, name].map((text) => text.length)
        for (const [i, limit] of [2_048, 1_024, 200, 35, 40, 64].entries())
          expect(lengths[i]).toBeLessThanOrEqual(limit)
        expect([url, referrer, title, language, zone, name, props].join('')).not.toMatch(/[\p{Control}\p{Surrogate}]/u)
        expect(id).toHaveLength(16)
      }),
    )
  })

  it('never throws', () => {
    const near = fc.record({ ...RIGHT, o: fc.anything(), u: fc.anything() })
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything(), near), (item) => {
        expect(verdict(item)).toMatch(/^[a-z]/)
      }),
    )
  })
})
