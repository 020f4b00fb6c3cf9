import { describe, expect, it } from 'vitest'
import type { Drift } from '#domain'
import { reportLines } from './report.js'

const drift: Drift = { site: 'aa', period: 'week', of: 'wm2026-11-23', unit: 'visits', counted: 7, stored: 10 }
const views: Drift = { site: 'aa', period: 'views', of: '/a', unit: 'views', counted: 1, stored: 0 }

describe('the report of a reconciliation', () => {
  it('is a table of partitions that have sites, then what drifts, then what could not be compared', () => {
    const lines = reportLines(
      [
        { partition: 0, sites: 0, counters: 0, drifts: [], unaccounted: 0 },
        { partition: 3, sites: 2, counters: 40, drifts: [drift, views], unaccounted: 2 },
        { partition: 12, sites: 1, counters: 19, drifts: [], unaccounted: -1 },
      ],
      [{ partition: 5, reason: 'Redis is away.' }],
    )
    expect(lines).toEqual([
      'partition  sites  counters  day  week  month  year  total  views  records',
      '        3      2        40    0     3      0     0      0      1        2',
      '       12      1        19    0     0      0     0      0      0        1',
      '      all      3        59    0     3      0     0      0      1        3',
      'Drift: partition 3, site aa, period week, bucket wm2026-11-23: visits 7, the store says 10',
      'Drift: partition 3, site aa, period views, path /a: views 1, the store says 0',
      'Drift: partition 3, of the records that were passed 2 have no outcome',
      'Drift: partition 12, of the records that were passed 1 outcomes have no record',
      'Not compared: partition 5. Redis is away.',
    ])
  })
})
