import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { civil, dayOf, isoDate, parseIsoDate, weekday } from './day.js'

describe('a day number', () => {
  it.each([
    [1970, 1, 1, 0, 3],
    [1969, 12, 31, -1, 2],
    [2000, 2, 29, 11_016, 1],
    [2024, 2, 29, 19_782, 3],
    [2024, 3, 1, 19_783, 4],
    [1900, 3, 1, -25_508, 3],
    [2026, 11, 24, 20_781, 1],
  ])('is counted from 1970-01-01: %i-%i-%i', (year, month, dayOfMonth, day, dayOfWeek) => {
    expect(dayOf(year, month, dayOfMonth)).toBe(day)
    expect(civil(day)).toEqual({ year, month, dayOfMonth })
    expect(weekday(day)).toBe(dayOfWeek)
  })

  it('agrees with Date in UTC on every day of 1600 to 2400', () => {
    const wrong: string[] = []
    for (let day = Date.UTC(1600, 0, 1) / 86_400_000; day <= Date.UTC(2400, 11, 31) / 86_400_000; day++) {
      const date = new Date(day * 86_400_000)
      const { year, month, dayOfMonth } = civil(day)
      const same =
        year === date.getUTCFullYear() && month === date.getUTCMonth() + 1 && dayOfMonth === date.getUTCDate()
      const back = dayOf(year, month, dayOfMonth) === day && weekday(day) === (date.getUTCDay() + 6) % 7
      if (!same || !back || isoDate(day) !== date.toISOString().slice(0, 10)) wrong.push(date.toISOString())
    }
    expect(wrong).toEqual([])
  })
})

describe('a date as text', () => {
  it('comes back as the same day', () => {
    fc.assert(
      fc.property(fc.integer({ min: parseIsoDate('0000-01-01')!, max: parseIsoDate('9999-12-31')! }), (day) => {
        expect(parseIsoDate(isoDate(day))).toBe(day)
      }),
    )
  })

  it.each(['2026-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '2026-4-1', '2026-11-24 ', '', 'x'])(
    'is refused when there is no such date: %j',
    (text) => {
      expect(parseIsoDate(text)).toBeNull()
    },
  )
})
