import { afterEach, describe, expect, it } from 'vitest'
import type { Beacon } from './beacon.js'
import { validateBeacon } from './parse-beacon.js'

const ID = '0190b5a2-7c3e-7d21-8f4a-1b2c3d4e5f60'
const ID_BYTES = Uint8Array.of(
  1,
  0x90,
  0xb5,
  0xa2,
  0x7c,
  0x3e,
  0x7d,
  0x21,
  0x8f,
  0x4a,
  0x1b,
  0x2c,
  0x3d,
  0x4e,
  0x5f,
  0x60,
)
const VIEW = { v: 1, s: 'demo', e: 'view', i: ID, u: 'https://example.vn/a' }
const EVENT = { ...VIEW, e: 'event', m: 'signup' }
const HEARTBEAT = { v: 1, s: 'demo', e: 'heartbeat', i: ID }
const LEAVE = { ...HEARTBEAT, e: 'leave', d: 12 }

const url = (length: number): string => 'https://example.vn/'.padEnd(length, 'a')
const without = (item: object, key: string): object =>
  Object.fromEntries(Object.entries(item).filter(([k]) => k !== key))

function kept(item: unknown): Beacon {
  const checked = validateBeacon(item)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problem))
  return checked.value
}

/** `kept`, or the code and field of the problem. */
function verdict(item: unknown): string {
  const checked = validateBeacon(item)
  return checked.ok ? 'kept' : [checked.problem.code, checked.problem.field].filter(Boolean).join(' ')
}

describe('validateBeacon', () => {
  it('gives every field its long name', () => {
    const all = {
      r: 'https://a.vn/',
      n: 'Tin',
      w: 390,
      l: 'vi-VN',
      z: 'Asia/Saigon',
      a: 1500,
      o: { plan: 'pro' },
      b: 1,
      g: 1,
    }
    expect(kept({ ...EVENT, ...all })).toEqual({
      siteId: 'demo',
      type: 'event',
      id: ID_BYTES,
      url: 'https://example.vn/a',
      referrer: 'https://a.vn/',
      title: 'Tin',
      width: 390,
      language: 'vi-VN',
      zone: 'Asia/Saigon',
      ageMs: 1500,
      engagedSeconds: 0,
      name: 'signup',
      props: '{"plan":"pro"}',
      hints: 1,
      privacy: true,
    } satisfies Beacon)
  })

  it('fills what was not said with nothing', () => {
    const { siteId, type, id, engagedSeconds, ...rest } = kept(LEAVE)
    expect({ siteId, type, id, engagedSeconds }).toEqual({
      siteId: 'demo',
      type: 'leave',
      id: ID_BYTES,
      engagedSeconds: 12,
    })
    const texts = { url: '', referrer: '', title: '', language: '', zone: '', name: '', props: '' }
    expect(rest).toEqual({ ...texts, width: 0, ageMs: 0, hints: 0, privacy: false })
  })

  it.each([['v'], ['s'], ['e'], ['i'], ['u']])('requires %s on a view', (key) => {
    expect(verdict(without(VIEW, key))).toBe(`bad_field ${key}`)
  })

  it.each([
    ['u on an event', without(EVENT, 'u'), 'bad_field u'],
    ['m on an event', without(EVENT, 'm'), 'bad_field m'],
    ['d on a leave', without(LEAVE, 'd'), 'bad_field d'],
    ['no u on a heartbeat', HEARTBEAT, 'kept'],
    ['no u on a leave', LEAVE, 'kept'],
    ['no m and no d on a view', VIEW, 'kept'],
  ])('requires %s', (_what, item, expected) => {
    expect(verdict(item)).toBe(expected)
  })

  it.each([
    ['v', 0, 'unsupported_version'],
    ['v', 2, 'unsupported_version'],
    ['v', -1, 'unsupported_version'],
    ['v', 1.5, 'bad_field v'],
    ['v', '1', 'bad_field v'],
    ['s', 'ab', 'kept'],
    ['s', 'a', 'bad_field s'],
    ['s', 'Az09_-'.padEnd(32, 'x'), 'kept'],
    ['s', 'x'.repeat(33), 'bad_field s'],
    ['s', 'de mo', 'bad_field s'],
    ['s', 'demo\n', 'bad_field s'],
    ['s', 'đemo', 'bad_field s'],
    ['e', 'View', 'bad_field e'],
    ['e', 'click', 'bad_field e'],
    ['e', 'constructor', 'bad_field e'],
    ['i', ID.replaceAll('-', '').toUpperCase(), 'kept'],
    ['i', ID.replace('-7d21', '-4d21'), 'bad_field i'],
    ['i', `${ID}0`, 'bad_field i'],
    ['i', ID.replace('-', '_'), 'bad_field i'],
    ['u', url(2_048), 'kept'],
    ['u', url(2_049), 'bad_field u'],
    ['u', 'HTTP://EXAMPLE.VN', 'kept'],
    ['u', 'https://ví-dụ.vn/tin tức?q=đ#x', 'kept'],
    ['u', 'ftp://example.vn/', 'bad_field u'],
    ['u', 'file:///etc/passwd', 'bad_field u'],
    ['u', 'javascript:alert(1)', 'bad_field u'],
    ['u', 'httpss://example.vn/', 'bad_field u'],
    ['u', '//example.vn/a', 'bad_field u'],
    ['u', '/a', 'bad_field u'],
    ['u', 'https://', 'bad_field u'],
    ['u', 'https://exa mple.vn/', 'bad_field u'],
    ['u', 'https://example.vn:99999/', 'bad_field u'],
    ['u', '', 'bad_field u'],
    ['w', 1, 'kept'],
    ['w', 20_000, 'kept'],
    ['w', 0, 'bad_field w'],
    ['w', 20_001, 'bad_field w'],
    ['w', 390.5, 'bad_field w'],
    ['a', 0, 'kept'],
    ['a', 86_400_000, 'kept'],
    ['a', 86_400_001, 'bad_field a'],
    ['a', -1, 'bad_field a'],
    ['a', 0.5, 'bad_field a'],
    ['d', 1, 'kept'],
    ['d', 3_600, 'kept'],
    ['d', 0, 'bad_field d'],
    ['d', 3_601, 'bad_field d'],
    ['m', '', 'kept'],
    ['m', 'm'.repeat(64), 'kept'],
    ['m', 'm'.repeat(65), 'bad_field m'],
    ['o', { a: null }, 'bad_field o'],
    ['b', 0, 'kept'],
    ['b', 255, 'kept'],
    ['b', 256, 'bad_field b'],
    ['b', -1, 'bad_field b'],
    ['b', 1.5, 'bad_field b'],
    ['g', 0, 'kept'],
    ['g', 1, 'kept'],
    ['g', 2, 'bad_field g'],
    ['g', true, 'bad_field g'],
  ])('judges %s: %j as %s', (key, value, expected) => {
    expect(verdict({ ...EVENT, [key]: value })).toBe(expected)
    // On a leave u is ignored and m may be missing, so these and the type itself are judged on an event only.
    const sameOnLeave = !['e', 'u', 'm'].includes(key)
    expect(sameOnLeave ? verdict({ ...LEAVE, [key]: value }) : expected).toBe(expected)
  })

  // What is right for one key is wrong for all of another type; null and arrays are wrong everywhere.
  const texts = ['s', 'e', 'i', 'u', 'r', 'n', 'l', 'z', 'm']
  const numbers = ['v', 'w', 'a', 'd', 'b', 'g']
  it.each([...texts, ...numbers, 'o'])('refuses a wrong type of %s', (key) => {
    const wrong = [null, [], true, Number.NaN, ...(key === 'o' ? [] : [{}])]
    const others = texts.includes(key) ? [1] : ['1']
    for (const value of [...wrong, ...others]) expect(verdict({ ...EVENT, [key]: value })).toBe(`bad_field ${key}`)
  })

  it.each([
    ['r', 'referrer', 1_024],
    ['n', 'title', 200],
    ['l', 'language', 35],
    ['z', 'zone', 40],
  ] as const)('cuts %s at %s of %i, never refuses it', (key, name, limit) => {
    expect(kept({ ...VIEW, [key]: 'x'.repeat(limit) })[name]).toBe('x'.repeat(limit))
    expect(kept({ ...VIEW, [key]: 'x'.repeat(limit + 1) })[name]).toBe('x'.repeat(limit))
    expect(kept({ ...VIEW, [key]: `${'x'.repeat(limit - 1)}\u{1f600}` })[name]).toBe('x'.repeat(limit - 1))
    expect(kept({ ...VIEW, [key]: '\u0000a\ud83d\u0085' })[name]).toBe('a\ufffd')
  })

  it('cleans URL and name before it measures them', () => {
    const { url: page, name } = kept({ ...EVENT, u: `${url(2_048)}\u0000\n`, m: `${'m'.repeat(63)}\u0007\ud83d` })
    expect(page).toBe(url(2_048))
    expect(name).toBe(`${'m'.repeat(63)}\ufffd`)
  })

  it.each([[HEARTBEAT], [LEAVE]])('ignores u, right or wrong, on %j', (item) => {
    for (const u of ['https://example.vn/', 'nonsense', 1, null, {}]) expect(kept({ ...item, u }).url).toBe('')
  })

  it('checks name, properties and engaged time on every type, and keeps them only on their own', () => {
    expect(kept({ ...VIEW, m: 'x', o: { a: 1 }, d: 5 })).toMatchObject({ name: '', props: '', engagedSeconds: 0 })
    expect(verdict({ ...VIEW, m: 'm'.repeat(65) })).toBe('bad_field m')
    expect(verdict({ ...HEARTBEAT, d: 0 })).toBe('bad_field d')
  })

  it.each([[null], [undefined], [1], ['{}'], [true], [[]], [[VIEW]]])('takes %j for no item at all', (item) => {
    expect(verdict(item)).toBe('bad_field body')
  })

  it('ignores unknown keys', () => {
    expect(kept({ ...VIEW, x: null, V: 2, type: 'event', constructor: 1 })).toEqual(kept(VIEW))
  })
})

describe('validateBeacon and prototypes', () => {
  afterEach(() => {
    for (const key of ['v', 'g', 'm']) Reflect.deleteProperty(Object.prototype, key)
  })

  it('takes __proto__ in JSON for an unknown key', () => {
    const item: unknown = JSON.parse(
      `{"__proto__":{"g":1,"u":"https://example.vn/"},"v":1,"s":"demo","e":"view","i":"${ID}"}`,
    )
    expect(verdict(item)).toBe('bad_field u')
  })

  it('takes nothing from a prototype', () => {
    expect(verdict(Object.create(VIEW))).toBe('bad_field v')
    expect(verdict(Object.assign(Object.create(null), VIEW))).toBe('kept')
  })

  it('takes nothing from a polluted Object.prototype', () => {
    for (const [key, value] of [
      ['v', 1],
      ['g', 1],
      ['m', 7],
    ] as const)
      Reflect.set(Object.prototype, key, value)
    expect(kept(VIEW).privacy).toBe(false)
    expect(verdict(without(VIEW, 'v'))).toBe('bad_field v')
  })
})
