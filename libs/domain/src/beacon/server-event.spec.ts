import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serverEventId } from '../event/event-id.js'
import { validateServerEvent, type ServerEvent } from './server-event.js'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
const AT = '2026-11-23T18:59:50+07:00'
const HEARTBEAT = { site: 'demo', type: 'heartbeat', id: 'order:1.a-b_c', at: AT }
const VIEW = { ...HEARTBEAT, type: 'view', url: 'https://example.vn/a' }
const EVENT = { ...VIEW, type: 'event', name: 'signup' }

const at = (ms: number): string => new Date(ms).toISOString()
const url = (length: number): string => 'https://example.vn/'.padEnd(length, 'a')
const without = (item: object, key: string): object =>
  Object.fromEntries(Object.entries(item).filter(([k]) => k !== key))

function kept(item: unknown): ServerEvent {
  const checked = validateServerEvent(item, 'demo', NOW)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problem))
  return checked.value
}

/** `kept`, or the code and field of the problem. */
function verdict(item: unknown): string {
  const checked = validateServerEvent(item, 'demo', NOW)
  return checked.ok ? 'kept' : [checked.problem.code, checked.problem.field].filter(Boolean).join(' ')
}

describe('validateServerEvent', () => {
  it('gives every field its name in the core', () => {
    const page = { referrer: 'https://a.vn/', title: 'Tin', language: 'vi', props: { plan: 'pro' }, privacy: true }
    const reader = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0\t\ud83d', visitor: 'customer 7' }
    expect(kept({ ...EVENT, ...page, ...reader })).toEqual({
      siteId: 'demo',
      type: 'event',
      id: serverEventId('order:1.a-b_c'),
      atMs: NOW - 10_000,
      url: 'https://example.vn/a',
      referrer: 'https://a.vn/',
      title: 'Tin',
      address: '203.0.113.7',
      userAgent: 'Mozilla/5.0\t\ud83d',
      visitor: 'customer 7',
      language: 'vi',
      name: 'signup',
      props: '{"plan":"pro"}',
      privacy: true,
    } satisfies ServerEvent)
  })

  it('fills what was not said with nothing', () => {
    const texts = { url: '', referrer: '', title: '', address: '', userAgent: '', visitor: '', language: '', name: '' }
    expect(kept(HEARTBEAT)).toMatchObject({ ...texts, props: '', privacy: false })
  })

  it.each([['site'], ['type'], ['id'], ['at'], ['url'], ['name']])('requires %s on an event', (key) => {
    expect(verdict(without(EVENT, key))).toBe(`bad_field ${key}`)
  })

  it.each([
    ['site', 'a', 'bad_field site'],
    ['site', 'x'.repeat(33), 'bad_field site'],
    ['site', 'other', 'wrong_site'],
    ['site', 'Demo', 'wrong_site'],
    ['type', 'leave', 'bad_field type'],
    ['type', 'click', 'bad_field type'],
    ['id', 'a', 'kept'],
    ['id', 'Az09_.:-'.padEnd(64, 'x'), 'kept'],
    ['id', '', 'bad_field id'],
    ['id', 'x'.repeat(65), 'bad_field id'],
    ['id', 'a b', 'bad_field id'],
    ['id', 'a\n', 'bad_field id'],
    ['id', 'đ', 'bad_field id'],
    ['at', '2026-11-23T12:00:00', 'bad_field at'],
    ['at', '2026-11-31T12:00:00Z', 'bad_field at'],
    ['url', url(2_048), 'kept'],
    ['url', url(2_049), 'bad_field url'],
    ['url', '/a', 'bad_field url'],
    ['url', 'ftp://example.vn/', 'bad_field url'],
    ['ip', '203.0.113.7', 'kept'],
    ['ip', '2001:db8::1', 'kept'],
    ['ip', '::ffff:203.0.113.7', 'kept'],
    ['ip', '', 'bad_field ip'],
    ['ip', '203.0.113.07', 'bad_field ip'],
    ['ip', '203.0.113.256', 'bad_field ip'],
    ['ip', '203.0.113.7:80', 'bad_field ip'],
    ['ip', '[2001:db8::1]', 'bad_field ip'],
    ['ip', '2001:db8::/64', 'bad_field ip'],
    ['ip', 'fe80::1%eth0', 'bad_field ip'],
    ['ip', 'localhost', 'bad_field ip'],
    ['userAgent', '', 'kept'],
    ['userAgent', 'x'.repeat(8_192), 'kept'],
    ['userAgent', 'x'.repeat(8_193), 'bad_field userAgent'],
    ['visitor', 'x'.repeat(128), 'kept'],
    ['visitor', 'x'.repeat(129), 'bad_field visitor'],
    ['name', 'x'.repeat(64), 'kept'],
    ['name', 'x'.repeat(65), 'bad_field name'],
    ['props', { a: [] }, 'bad_field props'],
    ['privacy', false, 'kept'],
    ['privacy', 1, 'bad_field privacy'],
    ['privacy', 'true', 'bad_field privacy'],
  ])('judges %s: %j as %s', (key, value, expected) => {
    expect(verdict({ ...EVENT, [key]: value })).toBe(expected)
  })

  const FIELDS = [
    'site',
    'type',
    'id',
    'at',
    'url',
    'referrer',
    'title',
    'ip',
    'userAgent',
    'visitor',
    'language',
  ] as const
  const ALL = [...FIELDS, 'name', 'props', 'privacy'] as const

  it.each(ALL)('refuses a wrong type of %s', (key) => {
    for (const value of [null, [], 7]) expect(verdict({ ...EVENT, [key]: value })).toBe(`bad_field ${key}`)
  })

  it('names the first wrong field in the order of the list', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...ALL], { minLength: 1 }), (wrong) => {
        const item = { ...EVENT, ...Object.fromEntries(wrong.map((key) => [key, null])) }
        expect(verdict(item)).toBe(`bad_field ${ALL.find((key) => wrong.includes(key))}`)
      }),
    )
  })

  it.each([
    ['referrer', 1_024],
    ['title', 200],
    ['language', 35],
  ] as const)('cuts %s at %i, never refuses it', (key, limit) => {
    expect(kept({ ...VIEW, [key]: 'x'.repeat(limit + 1) })[key]).toBe('x'.repeat(limit))
    expect(kept({ ...VIEW, [key]: '\u0000a\ud83d' })[key]).toBe('a\ufffd')
  })

  it('ignores the url of a heartbeat', () => {
    expect(kept({ ...HEARTBEAT, url: 7 }).url).toBe('')
  })

  it('takes a UUID for the same id in either case, with or without dashes', () => {
    const id = '0190b5a2-7c3e-4d21-8f4a-1b2c3d4e5f60'
    expect(kept({ ...VIEW, id: id.toUpperCase().replaceAll('-', '') }).id).toEqual(kept({ ...VIEW, id }).id)
  })

  it.each([[null], [undefined], ['{}'], [1], [[]], [[VIEW]]])('takes %j for no item at all', (item) => {
    expect(verdict(item)).toBe('bad_field body')
  })

  it('takes nothing from a prototype', () => {
    expect(verdict(Object.create(VIEW))).toBe('bad_field site')
    const text = JSON.stringify(without(VIEW, 'url')).replace('{', '{"__proto__":{"url":"https://example.vn/"},')
    expect(verdict(JSON.parse(text))).toBe('bad_field url')
  })

  it('keeps all limits in what it accepts', () => {
    const text = fc
      .string({ unit: fc.constantFrom('a', '\u{1f600}', '\ud83d', '\u0000') })
      .map((part) => part.repeat(150))
    fc.assert(
      fc.property(text, text, text, (referrer, title, language) => {
        const event = kept({ ...VIEW, referrer, title, language })
        expect(event.referrer.length).toBeLessThanOrEqual(1_024)
        expect(event.title.length).toBeLessThanOrEqual(200)
        expect(event.language.length).toBeLessThanOrEqual(35)
        expect(event.referrer + event.title + event.language).not.toMatch(/[\p{Control}\p{Surrogate}]/u)
      }),
    )
  })

  it('never throws, whatever the value', () => {
    const near = fc.record({ ...Object.fromEntries(ALL.map((key) => [key, fc.anything()])), site: fc.constant('demo') })
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything(), near), (item) => {
        expect(verdict(item)).toMatch(/^[a-z]/)
      }),
    )
  })
})

// -48 h - 1 ms   -48 h          receipt        +60 s    +60 s + 1 ms
// too_old     |  kept ........  kept | = receipt ... |  at_in_future
describe('the time of a server event', () => {
  const H48 = 48 * 3_600_000

  it.each([
    ['now', 0, 0],
    ['a millisecond ago', -1, -1],
    ['exactly 48 h ago', -H48, -H48],
    ['a millisecond ahead', 1, 0],
    ['exactly 60 s ahead', 60_000, 0],
  ])('takes %s', (_when, offsetMs, expectedOffsetMs) => {
    expect(kept({ ...VIEW, at: at(NOW + offsetMs) }).atMs).toBe(NOW + expectedOffsetMs)
  })

  it.each([
    ['a millisecond over 48 h ago', -H48 - 1, 'too_old'],
    ['a millisecond over 60 s ahead', 60_001, 'at_in_future'],
  ])('refuses %s', (_when, offsetMs, expected) => {
    expect(verdict({ ...VIEW, at: at(NOW + offsetMs) })).toBe(expected)
  })

  it('is judged after the fields and after the site', () => {
    const old = { ...VIEW, at: at(0) }
    expect(verdict({ ...old, site: 'other' })).toBe('wrong_site')
    expect(verdict({ ...old, site: 'other', privacy: 1 })).toBe('bad_field privacy')
  })

  it('is never ahead of receipt nor over 48 h behind it in what is accepted', () => {
    const offsets = fc.integer({ min: -H48 - 1_000, max: 61_000 })
    fc.assert(
      fc.property(offsets, (offsetMs) => {
        const checked = validateServerEvent({ ...VIEW, at: at(NOW + offsetMs) }, 'demo', NOW)
        const taken = offsetMs >= -H48 && offsetMs <= 60_000
        expect(checked.ok ? checked.value.atMs : null).toBe(taken ? NOW + Math.min(offsetMs, 0) : null)
      }),
    )
  })
})
