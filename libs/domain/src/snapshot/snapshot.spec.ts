import { describe, expect, it } from 'vitest'
import { parseIsoDate } from '../calendar/day.js'
import { NO_OFFSETS } from '../offset/offset-sums.js'
import { SITE_DEFAULTS, type Site } from '../site/site.js'
import { numbersOf, slotBuckets, slotDays, SNAPSHOT_SLOTS, snapshotOf, snapshotQuery } from './snapshot.js'

const siteIn = (timeZone: string, more: Partial<Site> = {}): Site => ({
  ...SITE_DEFAULTS,
  id: 'demo',
  timeZone,
  ...more,
})
const day = (iso: string): number => parseIsoDate(iso)!
const values = (n: number) => ({ pageviews: 100 + n, visits: 10 + n, visitors: n })

describe('snapshotQuery', () => {
  const zones = [
    // the instant is one second before and at local midnight
    ['Asia/Ho_Chi_Minh', '2026-11-23T16:59:59.999Z', '2026-11-23'],
    ['Asia/Ho_Chi_Minh', '2026-11-23T17:00:00.000Z', '2026-11-24'],
    ['UTC', '2026-12-31T23:59:59Z', '2026-12-31'],
    ['UTC', '2027-01-01T00:00:00Z', '2027-01-01'],
    ['Asia/Kathmandu', '2026-11-23T18:14:59Z', '2026-11-23'],
    ['Asia/Kathmandu', '2026-11-23T18:15:00Z', '2026-11-24'],
    // New York leaves DST on 2026-11-01 at 06:00Z: that day has 25 hours
    ['America/New_York', '2026-11-01T03:59:59Z', '2026-10-31'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01'],
    ['America/New_York', '2026-11-02T04:59:59Z', '2026-11-01'],
    ['America/New_York', '2026-11-02T05:00:00Z', '2026-11-02'],
    // and enters it on 2026-03-08: that day has 23
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-08'],
    ['America/New_York', '2026-03-09T03:59:59Z', '2026-03-08'],
    ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-09'],
    ['Pacific/Apia', '2026-11-23T10:59:59Z', '2026-11-23'],
    ['Pacific/Apia', '2026-11-23T11:00:00Z', '2026-11-24'],
  ] as const

  it.each(zones)('asks in %s at %s for the day %s', (timeZone, instant, expected) => {
    const query = snapshotQuery(siteIn(timeZone), Date.parse(instant))
    expect(query.day).toBe(day(expected))
    expect(query.buckets[0]).toBe(`d${expected}`)
  })

  it('asks for online ids of the last window, up to the second of now', () => {
    const query = snapshotQuery(siteIn('UTC', { onlineWindowSeconds: 60 }), 1_000_000_999)
    expect(query).toMatchObject({ onlineAfter: 999_940, onlineUntil: 1_000_000 })
  })
})

describe('slotBuckets', () => {
  const table = [
    // a Monday, a Sunday, New Year inside ISO week 53, and 1 March of a leap year
    ['2026-11-23', 'd2026-11-22', 'wm2026-11-23', 'ws2026-11-22', 'm2026-11', 'y2026'],
    ['2026-11-22', 'd2026-11-21', 'wm2026-11-16', 'ws2026-11-22', 'm2026-11', 'y2026'],
    ['2027-01-01', 'd2026-12-31', 'wm2026-12-28', 'ws2026-12-27', 'm2027-01', 'y2027'],
    ['2028-03-01', 'd2028-02-29', 'wm2028-02-28', 'ws2028-02-27', 'm2028-03', 'y2028'],
  ] as const
  it.each(table)(
    'of %s are yesterday %s, the weeks %s and %s, %s and %s',
    (iso, yesterday, weekMonday, weekSunday, month, year) => {
      expect(slotBuckets(day(iso))).toEqual({
        today: `d${iso}`,
        yesterday,
        weekMonday,
        weekSunday,
        month,
        year,
        total: 't',
      })
    },
  )
})

describe('slotDays', () => {
  it('gives the store the same periods as the buckets, up to the day', () => {
    const spans = slotDays(day('2027-01-01')).map(({ fromDay, toDay }) => [fromDay, toDay])
    expect(spans).toEqual([
      [day('2027-01-01'), day('2027-01-01')],
      [day('2026-12-31'), day('2026-12-31')],
      [day('2026-12-28'), day('2027-01-01')],
      [day('2026-12-27'), day('2027-01-01')],
      [day('2027-01-01'), day('2027-01-01')],
      [day('2027-01-01'), day('2027-01-01')],
      [0, day('2027-01-01')],
    ])
  })
})

describe('numbersOf', () => {
  const snapshot = snapshotOf(20_000, { buckets: SNAPSHOT_SLOTS.map((_, n) => values(n + 1)), online: 7, asOfMs: 1 })

  it.each([
    ['visitors', 'monday', { online: 7, today: 1, yesterday: 2, week: 3, month: 5, year: 6, total: 7 }],
    ['visitors', 'sunday', { online: 7, today: 1, yesterday: 2, week: 4, month: 5, year: 6, total: 7 }],
    ['visits', 'monday', { online: 7, today: 11, yesterday: 12, week: 13, month: 15, year: 16, total: 17 }],
    ['pageviews', 'sunday', { online: 7, today: 101, yesterday: 102, week: 104, month: 105, year: 106, total: 107 }],
  ] as const)('shows %s in weeks from %s, whatever the counters keep beside them', (unit, weekStart, expected) => {
    expect(numbersOf(snapshot, { unit, weekStart }, NO_OFFSETS)).toEqual(expected)
  })
})
