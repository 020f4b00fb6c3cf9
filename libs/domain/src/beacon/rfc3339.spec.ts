import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRfc3339 } from './rfc3339.js'

const NOON = Date.UTC(2026, 10, 23, 12, 0, 0)

describe('parseRfc3339', () => {
  it.each([
    ['2026-11-23T12:00:00Z', NOON],
    ['2026-11-23t12:00:00z', NOON],
    ['2026-11-23T19:00:00+07:00', NOON],
    ['2026-11-23T06:30:00-05:30', NOON],
    ['2026-11-24T11:59:00+23:59', NOON],
    ['2026-11-23T12:00:00-00:00', NOON],
    ['2026-11-23T12:00:00.5Z', NOON + 500],
    ['2026-11-23T12:00:00.05Z', NOON + 50],
    ['2026-11-23T12:00:00.999999999999Z', NOON + 999],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2000-02-29T00:00:00Z', 951_782_400_000],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.9Z', -100],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
    ['9999-12-31T23:59:59Z', 253_402_300_799_000],
  ])('reads %s', (text, expected) => {
    expect(parseRfc3339(text)).toBe(expected)
  })

  it.each([
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['2017-01-01T06:59:60.25+07:00', Date.UTC(2016, 11, 31, 23, 59, 59, 250)],
    ['2015-06-30T23:59:60Z', Date.UTC(2015, 5, 30, 23, 59, 59)],
    ['2016-12-31T23:58:60Z', null],
    ['2016-12-31T22:59:60Z', null],
    ['2016-12-30T23:59:60Z', null],
    ['2017-01-01T05:59:60Z', null],
    ['2016-11-30T23:59:60Z', null],
    ['2016-12-31T23:59:61Z', null],
  ])('takes a leap second only where one can be: %s', (text, expected) => {
    expect(parseRfc3339(text)).toBe(expected)
  })

  it.each([
    [''],
    ['2026-11-23'],
    ['2026-11-23T12:00:00'],
    ['2026-11-23T12:00Z'],
    ['2026-11-23 12:00:00Z'],
    ['2026-11-23T12:00:00 Z'],
    [' 2026-11-23T12:00:00Z'],
    ['2026-11-23T12:00:00Z\n'],
    ['2026-11-23T12:00:00.Z'],
    ['2026-11-23T12:00:00,5Z'],
    ['2026-11-23T12:00:00+07'],
    ['2026-11-23T12:00:00+0700'],
    ['2026-11-23T12:00:00+24:00'],
    ['2026-11-23T12:00:00+07:60'],
    ['2026-11-23T24:00:00Z'],
    ['2026-11-23T12:60:00Z'],
    ['2026-00-23T12:00:00Z'],
    ['2026-13-23T12:00:00Z'],
    ['2026-11-00T12:00:00Z'],
    ['2026-11-31T12:00:00Z'],
    ['2026-11-99T12:00:00Z'],
    ['2026-02-29T12:00:00Z'],
    ['1900-02-29T12:00:00Z'],
    ['+002026-11-23T12:00:00Z'],
    ['26-11-23T12:00:00Z'],
    ['２０２６-11-23T12:00:00Z'],
    ['1795435200000'],
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeNull()
  })

  it('reads every instant in every zone back', () => {
    const instants = fc.date({ min: new Date('0001-01-02'), max: new Date('9998-12-30'), noInvalidDate: true })
    fc.assert(
      fc.property(instants, fc.integer({ min: -1439, max: 1439 }), (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const clock = new Date(Math.abs(minutes) * 60_000).toISOString().slice(11, 16)
        expect(parseRfc3339(`${local}${minutes < 0 ? '-' : '+'}${clock}`)).toBe(date.getTime())
      }),
    )
  })
})
