import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoDate, parseIsoDate } from './day.js'
import { canonicalZone, isoInZone, isTimeZone, localDay, offsetSeconds, startOfDay } from './zone.js'

const ZONES = ['Asia/Ho_Chi_Minh', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'America/St_Johns']

const second = (iso: string): number => Date.parse(iso) / 1000

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local wall clock by asking Intl for the civil parts of this one instant, `2026-11-24 18:20:15`. */
function wallClock(zone: string, t: number): string {
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(zone, format)
  return format.format(t * 1000)
}

const instants = fc.oneof(
  fc.integer({ min: second('1975-01-01T00:00:00Z'), max: second('2099-12-31T23:59:59Z') }),
  fc
    .constantFrom('2011-12-30T10:00:00Z', '2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2010-11-07T02:31:00Z')
    .chain((iso) => fc.integer({ min: second(iso) - 90_000, max: second(iso) + 90_000 })),
)

describe('the local day', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-23T16:59:59Z', '2026-11-23'],
    ['Asia/Ho_Chi_Minh', '2026-11-23T17:00:00Z', '2026-11-24'],
    ['Asia/Kathmandu', '2026-11-23T18:14:59Z', '2026-11-23'],
    ['Asia/Kathmandu', '2026-11-23T18:15:00Z', '2026-11-24'],
    ['UTC', '2024-02-28T23:59:59Z', '2024-02-28'],
    ['UTC', '2024-02-29T00:00:00Z', '2024-02-29'],
    // New York turns its clocks on 2026-03-08 (EST -> EDT) and 2026-11-01 (EDT -> EST).
    ['America/New_York', '2026-03-08T04:59:59Z', '2026-03-07'],
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-08'],
    ['America/New_York', '2026-03-09T03:59:59Z', '2026-03-08'],
    ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-09'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01'],
    ['America/New_York', '2026-11-02T04:59:59Z', '2026-11-01'],
    ['America/New_York', '2026-11-02T05:00:00Z', '2026-11-02'],
    // Apia went from 2011-12-29 23:59:59 (-10) to 2011-12-31 00:00:00 (+14).
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31'],
    // St. John's went back an hour at 00:01, inside a slot of the cache.
    ['America/St_Johns', '2010-11-07T02:30:59Z', '2010-11-07'],
    ['America/St_Johns', '2010-11-07T02:31:00Z', '2010-11-06'],
    ['America/St_Johns', '2010-11-07T03:30:00Z', '2010-11-07'],
  ])('in %s at %s is %s', (zone, iso, date) => {
    expect(isoDate(localDay(zone, second(iso)))).toBe(date)
  })

  it('and the offset agree with Intl asked for that very instant', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (zone, t) => {
        const wall = wallClock(zone, t)
        expect(isoDate(localDay(zone, t))).toBe(wall.slice(0, 10))
        expect(t + offsetSeconds(zone, t)).toBe(second(`${wall.replace(' ', 'T')}Z`))
      }),
      { numRuns: 3000 },
    )
  })

  it('is right again after many other days went through the cache', () => {
    const t = second('2026-07-01T12:00:00Z')
    for (let step = 0; step < 2000; step++) localDay('America/New_York', t + step * 900)
    expect(isoDate(localDay('America/New_York', t))).toBe('2026-07-01')
  })

  it('throws RangeError for a zone that does not exist', () => {
    expect(() => localDay('Asia/Hanoi', 0)).toThrow(RangeError)
  })
})

describe('the start of a day', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-24', '2026-11-23T17:00:00Z'],
    ['Asia/Kathmandu', '2026-11-24', '2026-11-23T18:15:00Z'],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00Z'],
    ['America/New_York', '2026-11-02', '2026-11-02T05:00:00Z'],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z'],
    // Sao Paulo had no 00:00 on 2018-11-04: the day began at 01:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    // St. John's went back from 00:01 on 2010-11-07 to 23:01: the 7th began, stopped and went on.
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00Z'],
  ])('in %s of %s is %s', (zone, date, iso) => {
    expect(startOfDay(zone, parseIsoDate(date)!)).toBe(second(iso))
  })

  it('of a day that a zone left out is the start of the next one', () => {
    expect(startOfDay('Pacific/Apia', parseIsoDate('2011-12-30')!)).toBe(second('2011-12-30T10:00:00Z'))
    expect(startOfDay('Pacific/Kwajalein', parseIsoDate('1993-08-21')!)).toBe(second('1993-08-21T12:00:00Z'))
  })

  it('is the first second of its day, and no second of the two days before is in it', () => {
    const days = fc.oneof(
      fc.integer({ min: parseIsoDate('1975-01-01')!, max: parseIsoDate('2099-12-31')! }),
      fc
        .constantFrom('2011-12-30', '2026-03-08', '2026-11-01', '2010-11-07')
        .chain((date) => fc.integer({ min: parseIsoDate(date)! - 2, max: parseIsoDate(date)! + 2 })),
    )
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), days, fc.integer({ min: 1, max: 172_800 }), (zone, day, before) => {
        fc.pre(zone !== 'Pacific/Apia' || isoDate(day) !== '2011-12-30')
        const start = startOfDay(zone, day)
        expect(wallClock(zone, start).slice(0, 10)).toBe(isoDate(day))
        expect(wallClock(zone, start - 1).slice(0, 10) < isoDate(day)).toBe(true)
        expect(wallClock(zone, start - before).slice(0, 10) < isoDate(day)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('an instant as text', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-23T11:20:15Z', '2026-11-23T18:20:15+07:00'],
    ['Asia/Kathmandu', '2026-11-23T18:15:00Z', '2026-11-24T00:00:00+05:45'],
    ['America/St_Johns', '2026-01-01T00:00:00Z', '2025-12-31T20:30:00-03:30'],
    ['UTC', '2026-11-23T11:20:15Z', '2026-11-23T11:20:15+00:00'],
    ['Asia/Ho_Chi_Minh', '1900-01-01T00:00:00Z', '1900-01-01T07:06:30+07:06:30'],
  ])('in %s of %s is %s', (zone, iso, text) => {
    expect(isoInZone(zone, second(iso))).toBe(text)
  })

  it('names the same instant in every zone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instants, (zone, t) => {
        expect(second(isoInZone(zone, t))).toBe(t)
      }),
    )
  })
})

describe('the name of a zone', () => {
  it.each([
    ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
    ['Asia/Ho_Chi_Minh', 'Asia/Ho_Chi_Minh'],
    ['asia/ho_chi_minh', 'Asia/Ho_Chi_Minh'],
    ['ASIA/SAIGON', 'Asia/Ho_Chi_Minh'],
    ['america/new_york', 'America/New_York'],
    ['Asia/Kathmandu', 'Asia/Kathmandu'],
    ['Etc/UTC', 'Etc/UTC'],
    ['nowhere', 'nowhere'],
  ])('%s is kept as %s', (name, canonical) => {
    expect(canonicalZone(name)).toBe(canonical)
  })

  it.each([...ZONES, 'Asia/Saigon', 'Etc/GMT+7', 'US/Eastern'])('%s is a zone', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })

  it.each(['', 'Asia/Hanoi', '+07:00', '-0530', ' UTC', 'UTC+7', '../etc/passwd', 'x\u0000'])(
    '%j is no zone',
    (name) => {
      expect(isTimeZone(name)).toBe(false)
    },
  )
})
