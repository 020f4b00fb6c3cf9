import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEvent, encodeEvent } from './event.codec.js'
import { EVENT_TYPES, type Event } from './event.js'

const VIEW: Event = {
  type: 'view',
  site: 'demo',
  id: Uint8Array.from({ length: 16 }, (_, i) => i),
  idAtMs: 1_795_429_215_123,
  receivedAtMs: 1_795_429_215_456,
  t: 1_795_429_215,
  day: 20_780,
  visitor: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  onlineId: Uint8Array.from([9, 8, 7, 6, 5, 4, 3, 2]),
  visitTimeout: 1800,
  entry: false,
  path: '/tin-tức',
  facts: {
    host: 'example.vn',
    title: 'Tin tức \u{1F1FB}\u{1F1F3}',
    referrerHost: 'www.google.com',
    language: 'vi-VN',
    zone: 'Asia/Saigon',
    width: 1280,
    country: 'VN',
    browser: 'Chrome',
    system: 'Android',
    device: 'mobile',
    bot: false,
    name: '',
    props: '',
    engagedSeconds: 0,
  },
}

const text = fc.string({ unit: 'binary', maxLength: 40 })
const uint16 = fc.nat(65_535)
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const time = fc.integer({ min: 0, max: 253_402_300_799 })

const events: fc.Arbitrary<Event> = time.chain((t) =>
  fc.record({
    type: fc.constantFrom(...EVENT_TYPES),
    site: fc.stringMatching(/^[A-Za-z0-9_-]{2,32}$/),
    id: bytes(16),
    idAtMs: time.map((seconds) => seconds * 1000 + 999),
    receivedAtMs: time.map((seconds) => seconds * 1000),
    t: fc.constant(t),
    day: fc.integer({ min: -1, max: 1 }).map((shift) => Math.floor(t / 86_400) + shift),
    visitor: fc.option(bytes(8)),
    onlineId: fc.option(bytes(8)),
    visitTimeout: uint16,
    entry: fc.boolean(),
    path: fc.oneof(text, fc.string({ unit: 'binary', minLength: 1000, maxLength: 1024 })),
    facts: fc.record({
      host: text,
      title: text,
      referrerHost: text,
      language: text,
      zone: text,
      width: uint16,
      country: text,
      browser: text,
      system: text,
      device: text,
      bot: fc.boolean(),
      name: text,
      props: text,
      engagedSeconds: uint16,
    }),
  }),
)

describe('an encoded event', () => {
  it('is decoded to the same event, whatever its texts', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(decodeEvent(encodeEvent(event))).toEqual(event)
      }),
      { numRuns: 500 },
    )
  })

  it('is laid out as version 1 says', () => {
    const record = encodeEvent(VIEW)
    const hex = (from: number, to: number): string => record.subarray(from, to).toString('hex')
    // Version 1, a view, with visitor and online id.
    expect(hex(0, 3)).toBe('010003')
    expect(hex(3, 19)).toBe('000102030405060708090a0b0c0d0e0f')
    expect([hex(19, 25), hex(25, 31), hex(31, 37), hex(37, 41)]).toEqual([
      '01a207ebab93',
      '01a207ebace0',
      '00006b04135f',
      '0000512c',
    ])
    expect([hex(41, 49), hex(49, 57)]).toEqual(['0102030405060708', '0908070605040302'])
    expect([hex(57, 59), hex(59, 61), hex(61, 63)]).toEqual(['0708', '0500', '0000'])
    // Lengths in UTF-16 units, then the texts as one run of UTF-8.
    expect(hex(63, 89)).toBe('00040008000a000c000e0005000b000200060007000600000000')
    expect(record.subarray(89).toString()).toBe(
      'demo/tin-tứcexample.vnTin tức \u{1F1FB}\u{1F1F3}www.google.comvi-VNAsia/SaigonVNChromeAndroidmobile',
    )
  })

  it('can be read from the middle of a batch without holding on to it', () => {
    const batch = Buffer.concat([Buffer.from('before'), encodeEvent(VIEW), Buffer.from('after')])
    const event = decodeEvent(new Uint8Array(batch.buffer, batch.byteOffset + 6, encodeEvent(VIEW).length))
    batch.fill(0)
    expect(event).toEqual(VIEW)
    expect(event!.id.buffer.byteLength).toBe(16)
  })

  it('is refused when it is made of values that could not be read again', () => {
    const wrong: Partial<Event>[] = [
      { site: 'x' },
      { site: 'an ny' },
      { id: new Uint8Array(15) },
      { visitor: new Uint8Array(9) },
      { onlineId: new Uint8Array(7) },
      { t: -1 },
      { t: 1.5 },
      { t: Number.NaN },
      { day: 20_783 },
      { day: 20_780.5 },
      { idAtMs: 2 ** 48 },
      { receivedAtMs: -1 },
      { visitTimeout: 65_536 },
      { path: 'a'.repeat(65_536) },
      { facts: { ...VIEW.facts, width: -1 } },
      { facts: { ...VIEW.facts, engagedSeconds: 0.5 } },
    ]
    for (const part of wrong) expect(() => encodeEvent({ ...VIEW, ...part })).toThrow(RangeError)
  })
})

describe('poison', () => {
  const good = encodeEvent(VIEW)
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(good)
    copy[at] = byte
    return copy
  }

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('{"v":1}'.repeat(40))],
    ['another version', changed(0, 2)],
    ['an unknown type', changed(1, 5)],
    ['an unknown flag', changed(2, 0b10011)],
    ['a visitor without its flag', changed(2, 2)],
    ['an online id without its flag', changed(2, 1)],
    ['a time beyond the year 9999', changed(31, 1)],
    ['a receipt beyond the year 9999', changed(25, 255)],
    ['a day that is not near its time', changed(39, 0)],
    ['a site id that cannot be', changed(89, 0x20)],
    ['a length that is too long', changed(64, 5)],
    ['bytes that are not UTF-8', changed(97, 0xff)],
    ['a byte behind the end', Buffer.concat([good, Buffer.from('x')])],
  ])('%s is null', (_, record) => {
    expect(decodeEvent(record)).toBeNull()
  })

  it('is every record that was cut off', () => {
    for (let length = 0; length < good.length; length++) expect(decodeEvent(good.subarray(0, length))).toBeNull()
  })

  it('never throws, and what is read from damaged bytes is exactly those bytes again', () => {
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    const damaged = damage.map((changes) => {
      const copy = Buffer.from(good)
      for (const [at, byte] of changes) copy[at] = byte
      return copy
    })
    const noise = fc.uint8Array({ maxLength: 300 }).map((tail) => Buffer.from([1, ...tail]))
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (record) => {
        const event = decodeEvent(record)
        expect(event === null || encodeEvent(event).equals(record)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})
