import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIsoDate } from '../calendar/day.js'
import { NO_OFFSETS } from '../offset/offset-sums.js'
import { completedFromStore, isRolledBack, isSameNumbers, isStale, isWholeFor } from './last-known.js'
import { numbersOf, SNAPSHOT_SLOTS, slotsOf, type Snapshot } from './snapshot.js'

const day = (iso: string): number => parseIsoDate(iso)!
const same = (n: number) => ({ pageviews: n, visits: n, visitors: n })
/** In the order of SNAPSHOT_SLOTS: today, yesterday, week from Monday, week from Sunday, month, year, total. */
const snapshot = (onDay: number, numbers: readonly number[], more: Partial<Snapshot> = {}): Snapshot => {
  return { day: onDay, asOfMs: 1000, online: 4, values: slotsOf(numbers.map(same)), ...more }
}
const stored = (numbers: readonly number[], asOfMs = 9000) => ({ values: numbers.map(same), asOfMs })
const shown = (of: Snapshot) => SNAPSHOT_SLOTS.map((slot) => of.values[slot].visits)

describe('isStale', () => {
  it.each([
    [0, false],
    [60_000, false],
    [60_001, true],
    [-5000, false],
  ])('of numbers that are %i ms old is %s', (ageMs, expected) => {
    expect(isStale(1_000_000 - ageMs, 1_000_000)).toBe(expected)
  })
})

describe('isRolledBack', () => {
  const last = snapshot(20_000, [1, 1, 1, 1, 1, 1, 1], { asOfMs: 5000 })
  it.each([
    ['counters as new as the last snapshot', last, 5000, 9000, false],
    ['newer counters', last, 5001, 9000, false],
    ['older counters', last, 4999, 9000, true],
    ['older counters, but a last snapshot from the future (the clock was set back)', last, 4000, 4500, false],
    ['no last snapshot', null, 1, 9000, false],
    ['a last snapshot of the store, whose time is not that of the counters', { ...last, online: null }, 1, 9000, false],
  ])('with %s', (_, known, asOfMs, nowMs, expected) => {
    expect(isRolledBack(known, asOfMs, nowMs)).toBe(expected)
  })
})

describe('isWholeFor', () => {
  it('holds for a snapshot of the counters and of the same local day only', () => {
    const last = snapshot(20_000, [1, 1, 1, 1, 1, 1, 1])
    expect(isWholeFor(last, 20_000)).toBe(true)
    expect(isWholeFor(last, 20_001)).toBe(false)
    expect(isWholeFor({ ...last, online: null }, 20_000)).toBe(false)
    expect(isWholeFor(null, 20_000)).toBe(false)
  })
})

describe('completedFromStore', () => {
  it('takes everything but online from the store when nothing was known', () => {
    const completed = completedFromStore(null, stored([1, 2, 3, 4, 5, 6, 7]), day('2026-11-24'))
    expect(completed).toMatchObject({ day: day('2026-11-24'), online: null, asOfMs: 9000 })
    expect(shown(completed)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  // Mon 2026-11-23 |  12 seen by the counters, 10 of them by the store
  // Tue 2026-11-24 |  the counters are away since midnight; the store has 5
  it('makes yesterday of the last today, takes the new day from the store, and keeps what is larger', () => {
    const monday = snapshot(day('2026-11-23'), [12, 30, 12, 42, 100, 900, 5000])
    const tuesday = completedFromStore(monday, stored([5, 10, 15, 47, 105, 905, 5005]), day('2026-11-24'))
    expect(shown(tuesday)).toEqual([5, 12, 15, 47, 105, 905, 5005])
    expect(tuesday).toMatchObject({ day: day('2026-11-24'), online: 4, asOfMs: 1000 })
  })

  it('does not carry a week, month or year into the next one', () => {
    const eve = snapshot(day('2026-12-31'), [50, 60, 300, 310, 4000, 90_000, 500_000])
    const newYear = completedFromStore(eve, stored([7, 45, 290, 300, 7, 7, 499_000]), day('2027-01-01'))
    // ISO week 53 goes on; the month and the year begin anew
    expect(numbersOf(newYear, { unit: 'visits', weekStart: 'monday' }, NO_OFFSETS)).toEqual({
      online: 4,
      today: 7,
      yesterday: 50,
      week: 300,
      month: 7,
      year: 7,
      total: 500_000,
    })
  })

  it('keeps today <= week and today <= month <= year <= total, however far either side is behind', () => {
    const count = fc.nat({ max: 1000 })
    const ordered = fc.tuple(count, count, count, count, count).map(([today, toWeek, toMonth, toYear, toTotal]) => {
      const month = today + toMonth
      return [today, 0, today + toWeek, today + toWeek, month, month + toYear, month + toYear + toTotal]
    })
    fc.assert(
      fc.property(
        ordered,
        ordered,
        fc.integer({ min: 20_000, max: 20_800 }),
        fc.nat({ max: 400 }),
        (a, b, from, later) => {
          const { values } = completedFromStore(snapshot(from, a), stored(b), from + later)
          expect(values.today.visits).toBeLessThanOrEqual(values.weekMonday.visits)
          expect(values.today.visits).toBeLessThanOrEqual(values.weekSunday.visits)
          expect(values.today.visits).toBeLessThanOrEqual(values.month.visits)
          expect(values.month.visits).toBeLessThanOrEqual(values.year.visits)
          expect(values.year.visits).toBeLessThanOrEqual(values.total.visits)
        },
      ),
    )
  })
})

describe('isSameNumbers', () => {
  const one = snapshot(20_000, [1, 2, 3, 4, 5, 6, 7])
  it('looks at the numbers, online and the day, not at the time', () => {
    expect(isSameNumbers(one, { ...one, asOfMs: 99 })).toBe(true)
    expect(isSameNumbers(one, { ...one, online: 5 })).toBe(false)
    expect(isSameNumbers(one, { ...one, day: 20_001 })).toBe(false)
    expect(isSameNumbers(one, snapshot(20_000, [1, 2, 3, 4, 5, 6, 8]))).toBe(false)
  })
})
