import { describe, expect, it } from 'vitest'
import type { Fact, RecountSite } from './index.js'
import { localDay, recount, recountSite, weekOf } from './index.js'

const at = (instant: string) => Date.parse(instant) / 1000

/** One page view a visitor of its own at each instant. */
const viewsAt = (...instants: string[]): Fact[] =>
  instants.map((instant, n) => ({
    door: 'server',
    site: 'demo',
    type: 'view',
    id: `id-${n}`,
    t: at(instant),
    visitorName: `reader ${n}`,
    url: 'https://example.vn/',
  }))

const periods = (site: RecountSite, facts: readonly Fact[], now: string) => {
  const { today, yesterday, week, month, year, total } = recount(site, facts).widgetAt(at(now))
  return [today, yesterday, week, month, year, total]
}

describe('local days', () => {
  it.each([
    { zone: 'Asia/Ho_Chi_Minh', instant: '2026-11-22T16:59:59Z', day: '2026-11-22' },
    { zone: 'Asia/Ho_Chi_Minh', instant: '2026-11-22T17:00:00Z', day: '2026-11-23' },
    { zone: 'Asia/Saigon', instant: '2026-11-22T17:00:00Z', day: '2026-11-23' },
    { zone: 'Asia/Kathmandu', instant: '2026-11-22T18:14:59Z', day: '2026-11-22' },
    { zone: 'Asia/Kathmandu', instant: '2026-11-22T18:15:00Z', day: '2026-11-23' },
    // New York: UTC-4 until 06:00Z on 1 November 2026, UTC-5 after; that day has 25 hours.
    { zone: 'America/New_York', instant: '2026-11-01T03:59:59Z', day: '2026-10-31' },
    { zone: 'America/New_York', instant: '2026-11-01T04:00:00Z', day: '2026-11-01' },
    { zone: 'America/New_York', instant: '2026-11-02T04:59:59Z', day: '2026-11-01' },
    { zone: 'America/New_York', instant: '2026-11-02T05:00:00Z', day: '2026-11-02' },
    // 8 March 2026 has 23 hours.
    { zone: 'America/New_York', instant: '2026-03-08T05:00:00Z', day: '2026-03-08' },
    { zone: 'America/New_York', instant: '2026-03-09T04:00:00Z', day: '2026-03-09' },
    { zone: 'Pacific/Apia', instant: '2026-11-22T11:00:00Z', day: '2026-11-23' },
    { zone: 'UTC', instant: '2028-02-29T23:59:59Z', day: '2028-02-29' },
  ])('$instant is $day in $zone', ({ zone, instant, day }) => {
    expect(localDay(at(instant), zone)).toBe(day)
  })
})

describe('weeks', () => {
  // November 2026: the 22nd is a Sunday, the 23rd a Monday.
  it.each([
    { day: '2026-11-22', monday: '2026-11-16', sunday: '2026-11-22' },
    { day: '2026-11-23', monday: '2026-11-23', sunday: '2026-11-22' },
    { day: '2026-11-28', monday: '2026-11-23', sunday: '2026-11-22' },
    { day: '2027-01-01', monday: '2026-12-28', sunday: '2026-12-27' },
    { day: '2028-03-01', monday: '2028-02-28', sunday: '2028-02-27' },
  ])('$day lies in the week of $monday, or of $sunday when weeks start on Sunday', ({ day, monday, sunday }) => {
    expect([weekOf(day, 'monday'), weekOf(day, 'sunday')]).toEqual([monday, sunday])
  })
})

describe('periods', () => {
  it('keeps a week whole over New Year while month and year begin anew', () => {
    // Thursday 31 December 2026 and Friday 1 January 2027 lie in one week (ISO week 53).
    const facts = viewsAt(
      '2026-12-27T12:00:00+07:00',
      '2026-12-28T12:00:00+07:00',
      '2026-12-31T23:59:59+07:00',
      '2027-01-01T00:00:00+07:00',
    )
    expect(periods(recountSite(), facts, '2027-01-01T08:00:00+07:00')).toEqual([1, 1, 3, 1, 1, 4])
    expect(periods(recountSite({ weekStart: 'sunday' }), facts, '2027-01-01T08:00:00+07:00')).toEqual([
      1, 1, 4, 1, 1, 4,
    ])
  })

  it('reads yesterday over the end of a leap February', () => {
    const facts = viewsAt('2028-02-28T10:00:00+07:00', '2028-02-29T10:00:00+07:00')
    expect(periods(recountSite(), facts, '2028-03-01T10:00:00+07:00')).toEqual([0, 1, 2, 0, 2, 2])
  })

  it('sums the days for visitors, and reads in the site’s unit', () => {
    const instants = ['2026-11-23T10:00:00+07:00', '2026-11-24T10:00:00+07:00']
    const facts = viewsAt(...instants).map((fact) => Object.assign(fact, { visitorName: 'an' }))
    const again = { ...(facts[1] as Fact), id: 'again' }
    const read = (unit: RecountSite['unit']) =>
      periods(recountSite({ unit }), [...facts, again], '2026-11-24T11:00:00+07:00')
    expect(read('pageviews')).toEqual([2, 1, 3, 3, 3, 3])
    expect(read('visits')).toEqual([1, 1, 2, 2, 2, 2])
    expect(read('visitors')).toEqual([1, 1, 2, 2, 2, 2])
  })

  it('leaves an event in the day of the zone that was in force at its intake', () => {
    const [utc] = viewsAt('2026-11-23T20:00:00Z')
    const moved: Fact = { ...(utc as Fact), settingsAtIntake: { timeZone: 'UTC' } }
    expect([...recount(recountSite(), [moved]).days.keys()]).toEqual(['2026-11-23'])
    expect([...recount(recountSite(), [utc as Fact]).days.keys()]).toEqual(['2026-11-24'])
  })
})
