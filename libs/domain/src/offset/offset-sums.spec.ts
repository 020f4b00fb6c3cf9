import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoDate, parseIsoDate } from '../calendar/day.js'
import { exactNumbers, numbersOf, SNAPSHOT_SLOTS, slotsOf, type Snapshot } from '../snapshot/snapshot.js'
import type { WeekStart } from '../site/site.js'
import { OFFSET_FIELDS, type OffsetLine } from './offset-entry.js'
import { numbersHolding, OffsetFold } from './offset-sums.js'

const day = (iso: string): number => parseIsoDate(iso)!
const line = (field: OffsetLine['field'], add: number, path = ''): OffsetLine => {
  return { field, path, add, shown: null, reason: 'r' }
}
const NOTHING = { pageviews: 0, visits: 0, visitors: 0 }
/** A snapshot in which nothing was measured, so what is shown of it are the offset entries. */
const emptyAt = (onDay: number): Snapshot => {
  return { day: onDay, asOfMs: 1, online: 0, values: slotsOf(SNAPSHOT_SLOTS.map(() => NOTHING)) }
}
const shownAt = (fold: OffsetFold, iso: string, weekStart: WeekStart = 'monday') =>
  exactNumbers(emptyAt(day(iso)), { unit: 'visits', weekStart }, fold)

describe('an offset entry', () => {
  /*
   *  made on Wednesday 2026-12-30, one of each field
   *
   *     Wed 30   Thu 31 │ Fri 1 Jan   Sat 2   Sun 3 │ Mon 4     1 Feb        2028
   *     today  ─ yesterday                          │
   *     week   ──────────────────────────────(Sun)──┤(Mon)
   *     month  ─────────┤ the month and the year end here
   *     year   ─────────┤
   *     total  ───────────────────────────────────────────────────────────────────►
   */
  const made = new OffsetFold()
  for (const [field, add] of [
    ['today', 1],
    ['week', 10],
    ['month', 100],
    ['year', 1000],
    ['total', 10_000],
  ] as const) {
    made.add(line(field, add), day('2026-12-30'))
  }
  it.each([
    ['2026-12-30', 'monday', { today: 1, yesterday: 0, week: 10, month: 100, year: 1000, total: 10_000 }],
    ['2026-12-31', 'monday', { today: 0, yesterday: 1, week: 10, month: 100, year: 1000, total: 10_000 }],
    ['2026-12-31', 'sunday', { today: 0, yesterday: 1, week: 10, month: 100, year: 1000, total: 10_000 }],
    ['2027-01-01', 'monday', { today: 0, yesterday: 0, week: 10, month: 0, year: 0, total: 10_000 }],
    ['2027-01-03', 'monday', { today: 0, yesterday: 0, week: 10, month: 0, year: 0, total: 10_000 }],
    ['2027-01-03', 'sunday', { today: 0, yesterday: 0, week: 0, month: 0, year: 0, total: 10_000 }],
    ['2027-01-04', 'monday', { today: 0, yesterday: 0, week: 0, month: 0, year: 0, total: 10_000 }],
    ['2028-12-30', 'monday', { today: 0, yesterday: 0, week: 0, month: 0, year: 0, total: 10_000 }],
    // a snapshot that is older than the entry (stale) has it in the periods that hold both
    ['2026-12-29', 'monday', { today: 0, yesterday: 0, week: 10, month: 100, year: 1000, total: 10_000 }],
    ['2026-11-30', 'monday', { today: 0, yesterday: 0, week: 0, month: 0, year: 1000, total: 10_000 }],
  ] as const)('is on %s, weeks from %s, in its period and no other', (iso, weekStart, expected) => {
    expect(shownAt(made, iso, weekStart)).toEqual(expected)
  })

  it('of views belongs to its path, for ever', () => {
    const fold = new OffsetFold()
    fold.add(line('views', 57, '/a'), day('2026-12-30'))
    fold.add(line('views', -7, '/a'), day('2027-12-30'))
    expect([fold.ofPath('/a'), fold.ofPath('/b')]).toEqual([50, 0])
    expect(shownAt(fold, '2026-12-30').total).toBe(0)
  })
})

describe('many offset entries', () => {
  const lines = fc.record({
    field: fc.constantFrom(...OFFSET_FIELDS),
    add: fc.integer({ min: -1000, max: 1000 }),
    path: fc.constantFrom('/', '/a'),
    day: fc.integer({ min: day('2026-12-20'), max: day('2027-01-12') }),
  })

  /** By the words of the contract, from all entries at every reading. */
  function bruteForce(all: readonly { field: string; add: number; day: number }[], on: number, weekStart: WeekStart) {
    const sum = (field: string, holds: (entryDay: number) => boolean) =>
      all.filter((one) => one.field === field && holds(one.day)).reduce((total, one) => total + one.add, 0)
    const weekOf = (d: number) => Math.floor((d + (weekStart === 'monday' ? 3 : 4)) / 7) // 1970-01-01 was a Thursday
    return {
      today: sum('today', (d) => d === on),
      yesterday: sum('today', (d) => d === on - 1),
      week: sum('week', (d) => weekOf(d) === weekOf(on)),
      month: sum('month', (d) => isoDate(d).slice(0, 7) === isoDate(on).slice(0, 7)),
      year: sum('year', (d) => isoDate(d).slice(0, 4) === isoDate(on).slice(0, 4)),
      total: sum('total', () => true),
    }
  }

  it('fold to what all of them come to, whatever was reversed in between', () => {
    const weekStarts = fc.constantFrom<WeekStart>('monday', 'sunday')
    const on = fc.integer({ min: day('2026-12-20'), max: day('2027-01-12') })
    fc.assert(
      fc.property(fc.array(lines), fc.array(fc.boolean()), on, weekStarts, (all, reversed, onDay, weekStart) => {
        const fold = new OffsetFold()
        for (const one of all) fold.add(line(one.field, one.add, one.path), one.day)
        const isReversed = (n: number) => reversed[n] === true
        all.forEach((one, n) => isReversed(n) && fold.reverse(line(one.field, one.add, one.path), one.day))
        const left = all.filter((_, n) => !isReversed(n))
        expect(exactNumbers(emptyAt(onDay), { unit: 'visits', weekStart }, fold)).toEqual(
          bruteForce(left, onDay, weekStart),
        )
        const views = left.filter(({ field, path }) => field === 'views' && path === '/a')
        expect(fold.ofPath('/a')).toBe(views.reduce((sum, { add }) => sum + add, 0))
      }),
    )
  })

  it('are each in the numbers that are named as holding it', () => {
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: day('2026-12-20'), max: day('2027-01-12') }),
        fc.constantFrom<WeekStart>('monday', 'sunday'),
        (one, onDay, weekStart) => {
          const added = { ...line(one.field, 5, one.path) }
          const fold = new OffsetFold()
          fold.add(added, one.day)
          const numbers = exactNumbers(emptyAt(onDay), { unit: 'visits', weekStart }, fold)
          const holding = Object.entries(numbers).filter(([, n]) => n === 5)
          expect(numbersHolding(added, one.day, onDay, weekStart)).toEqual(holding.map(([name]) => name))
        },
      ),
    )
  })
})

describe('numbersOf', () => {
  it('adds to what was measured in the site unit, and stops at 0', () => {
    const fold = new OffsetFold()
    fold.add(line('total', 2_390_401), day('2026-11-24'))
    fold.add(line('today', -3), day('2026-11-24'))
    const snapshot = {
      ...emptyAt(day('2026-11-24')),
      values: slotsOf(SNAPSHOT_SLOTS.map(() => ({ ...NOTHING, visits: 1 }))),
    }
    expect(numbersOf(snapshot, { unit: 'visits', weekStart: 'monday' }, fold)).toEqual({
      online: 0,
      today: 0,
      yesterday: 1,
      week: 1,
      month: 1,
      year: 1,
      total: 2_390_402,
    })
    expect(numbersOf(snapshot, { unit: 'pageviews', weekStart: 'monday' }, fold).total).toBe(2_390_401)
    expect(exactNumbers(snapshot, { unit: 'visits', weekStart: 'monday' }, fold).today).toBe(-2)
  })
})
