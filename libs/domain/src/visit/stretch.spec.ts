import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addPoint,
  countRuns,
  dayBase,
  isWithinDay,
  NO_STRETCHES,
  type Stretches,
  VISIT_GRAIN_SECONDS,
} from './stretch.js'

interface Point {
  readonly at: number
  readonly timeout: number
}

function fold(points: readonly Point[], grain = VISIT_GRAIN_SECONDS): Stretches {
  return points.reduce((stretches, { at, timeout }) => addPoint(stretches, at, timeout, grain), NO_STRETCHES)
}

/** The run rule, word by word: sort all points; one starts a run if it is first or its predecessor is more than its timeout older. */
function bruteForceRuns(points: readonly Point[]): number {
  const sorted = points.toSorted((a, b) => a.at - b.at || a.timeout - b.timeout)
  return sorted.filter((point, i) => i === 0 || point.at - sorted[i - 1].at > point.timeout).length
}

const minutes = (...marks: number[]) => marks.map((m) => ({ at: m * 60, timeout: 1800 }))

describe('the run rule', () => {
  it.each([
    // minutes    0    10    20    30    40    50    60    70
    ['one point', minutes(0), 1],
    ['             x           x', minutes(0, 25), 1],
    ['             x             x  (exactly the timeout)', minutes(0, 30), 1],
    ['             x                x', minutes(0, 31), 2],
    ['             x           x           x', minutes(0, 25, 50), 1],
    ['             x                     x            x', minutes(0, 40, 60), 2],
    ['             x                                  x', minutes(0, 61), 2],
  ])('%s', (_, points, runs) => {
    expect(countRuns(fold(points))).toBe(runs)
  })

  it('joins two runs when a late point arrives between them', () => {
    //   0                      50            runs: 2
    //             25                         arrives last: 1
    expect(countRuns(fold(minutes(0, 50)))).toBe(2)
    expect(countRuns(fold(minutes(0, 50, 25)))).toBe(1)
  })

  it('joins three runs when a late point with neighbours at the timeout arrives', () => {
    expect(countRuns(fold([...minutes(0, 60), { at: 30 * 60, timeout: 1800 }]))).toBe(1)
  })

  it('takes the timeout of the later point of a gap', () => {
    expect(
      countRuns(
        fold([
          { at: 0, timeout: 300 },
          { at: 1000, timeout: 1800 },
        ]),
      ),
    ).toBe(1)
    expect(
      countRuns(
        fold([
          { at: 0, timeout: 1800 },
          { at: 1000, timeout: 300 },
        ]),
      ),
    ).toBe(2)
  })

  it('returns the same array when a point changes nothing', () => {
    const stretches = fold(minutes(0, 4))
    expect(addPoint(stretches, 100, 1800, VISIT_GRAIN_SECONDS)).toBe(stretches)
  })

  it('equals the brute-force rule for any points with any timeouts, in any order of arrival', () => {
    const point = fc.record({ at: fc.integer({ min: 0, max: 183_599 }), timeout: fc.integer({ min: 300, max: 3600 }) })
    const crowded = fc.record({
      at: fc.integer({ min: 0, max: 20 }).map((n) => n * 290),
      timeout: fc.integer({ min: 300, max: 900 }),
    })
    const points = fc.oneof(fc.array(point, { maxLength: 60 }), fc.array(crowded, { maxLength: 60 }))
    fc.assert(
      fc.property(points, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list.map((p) => ({ p, key: random.next().value })).toSorted((a, b) => a.key - b.key)
        const stretches = fold(shuffled.map(({ p }) => p))
        expect(countRuns(stretches)).toBe(bruteForceRuns(list))
        expect(stretches).toEqual(fold(list))
      }),
      { numRuns: 500 },
    )
  })

  it('counts after every single arrival what the brute-force rule counts', () => {
    const point = fc.record({ at: fc.integer({ min: 0, max: 8000 }), timeout: fc.constantFrom(300, 1800, 3600) })
    fc.assert(
      fc.property(fc.array(point, { maxLength: 40 }), (points) => {
        for (let n = 0; n <= points.length; n++)
          expect(countRuns(fold(points.slice(0, n)))).toBe(bruteForceRuns(points.slice(0, n)))
      }),
    )
  })
})

describe('isWithinDay', () => {
  const noon = (day: number, offsetHours: number) => day * 86_400 + (12 - offsetHours) * 3600

  it.each([14, 13.75, 7, 0, -5, -12])('holds local noon of a zone at UTC%s', (offset) => {
    expect(isWithinDay(20_000, noon(20_000, offset))).toBe(true)
  })

  it('leaves every point of the day below 2^18 seconds after its base', () => {
    expect(51 * 3600).toBeLessThan(2 ** 18)
    expect(isWithinDay(20_000, dayBase(20_000) - 1)).toBe(false)
    expect(isWithinDay(20_000, dayBase(20_000) + 51 * 3600)).toBe(false)
  })
})
