import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FakeClock, Standalone, WidgetNumbers } from '../support/harness/index.js'
import {
  beacon,
  browser,
  createSite,
  endEverything,
  fakeClock,
  pause,
  postOffsets,
  ship,
  startStandalone,
  uuid7,
  widget,
  widgetShows,
} from '../support/harness/index.js'

/**
 * One data folder through four midnights of Vietnam (17:00 UTC), on sites whose weeks begin on Monday and on Sunday.
 *
 *   Sat 28 Nov │ Sun 29    │ Mon 30    │ Tue 1 Dec  …  Thu 31 Dec │ Fri 1 Jan 2027
 *   import,    │ week of   │ week of   │ month ends    (restart)  │ year and month end,
 *   one visit  │ "sunday"  │ "monday"  │               new week   │ the new week entry stays
 *              │ ends      │ ends      │                          │
 */
const SITES = ['monday', 'sunday'] as const
const NUMBERS = ['today', 'yesterday', 'week', 'month', 'year', 'total'] as const
type Numbers = Record<(typeof NUMBERS)[number], number>

const IMPORT = [
  { field: 'today', shown: 20, reason: 'bộ đếm cũ' },
  { field: 'week', shown: 7_666, reason: 'bộ đếm cũ' },
  { field: 'month', shown: 37_086, reason: 'bộ đếm cũ' },
  { field: 'year', shown: 229_536, reason: 'bộ đếm cũ' },
  { field: 'total', shown: 2_390_401, reason: 'bộ đếm cũ' },
]
const SATURDAY = { today: 21, yesterday: 0, week: 7_667, month: 37_087, year: 229_537, total: 2_390_402 }
const SUNDAY = { ...SATURDAY, today: 0, yesterday: 21 }
const MONDAY = { ...SUNDAY, yesterday: 0, week: 0 }
const DECEMBER = { ...MONDAY, week: 50, month: 0 }
const NEW_YEARS_EVE = { ...DECEMBER, week: 70 }
const NEW_YEAR = { ...NEW_YEARS_EVE, year: 0 }

let clock: FakeClock
let product: Standalone

beforeAll(async () => {
  clock = fakeClock(Date.parse('2026-11-28T16:58:00Z'))
  product = await startStandalone({ prefixCommand: clock.prefixCommand })
  for (const id of SITES) await createSite(product, { id, weekStart: id })
})

afterAll(endEverything)

const pick = (shown: WidgetNumbers): Numbers =>
  Object.fromEntries(NUMBERS.map((name) => [name, shown[name]])) as Numbers

async function carryOver(siteId: string, body: unknown): Promise<void> {
  const answer = await postOffsets({ url: product.url, siteId, key: product.adminKey }, body)
  if (answer.status !== 201) throw new Error(answer.text)
}

/** Looks at a site from a moment before a midnight to a moment after it: old numbers before, new ones after, no others. */
async function turn(midnightIso: string, expected: Record<string, { before: Numbers; after: Numbers }>): Promise<void> {
  const midnightMs = Date.parse(midnightIso)
  clock.set(midnightMs - 1500)
  expect(clock.now(), 'this machine is too slow to be there before midnight').toBeLessThan(midnightMs - 500)
  const seen = { early: 0, late: 0 }
  while (clock.now() < midnightMs + 1500) {
    for (const [siteId, { before, after }] of Object.entries(expected)) {
      const fromMs = clock.now()
      const shown = await widget(product.url, siteId)
      const isEarly = clock.now() < midnightMs
      if (!isEarly && fromMs < midnightMs) continue
      seen[isEarly ? 'early' : 'late']++
      expect(pick(shown)).toEqual(isEarly ? before : after)
    }
    await pause(10)
  }
  expect(Math.min(seen.early, seen.late)).toBeGreaterThan(5)
}

describe('offset entries at the turn of their periods', () => {
  it('leave the week that begins on Sunday when Sunday begins', async () => {
    for (const id of SITES) {
      await carryOver(id, IMPORT)
      const one = beacon({ s: id, i: uuid7(clock.now()) })
      expect((await ship(product.url, { beacons: [one], userAgent: browser(0) })).status).toBe(204)
      await widgetShows(product.url, id, SATURDAY)
    }
    await turn('2026-11-28T17:00:00Z', {
      monday: { before: SATURDAY, after: SUNDAY },
      sunday: { before: SATURDAY, after: { ...SUNDAY, week: 0 } },
    })
  })

  it('leave the week that begins on Monday when Monday begins', async () => {
    await turn('2026-11-29T17:00:00Z', {
      monday: { before: SUNDAY, after: MONDAY },
      sunday: { before: { ...SUNDAY, week: 0 }, after: MONDAY },
    })
  })

  it('leave the month at its end, while an entry of the week that goes on stays', async () => {
    for (const id of SITES) await carryOver(id, { field: 'week', shown: 50, reason: 'sót' })
    const both = { before: { ...MONDAY, week: 50 }, after: DECEMBER }
    await turn('2026-11-30T17:00:00Z', { monday: both, sunday: both })
  })

  it('leave the year at its end, also in a process that was started since; the total keeps them', async () => {
    await product.stop()
    clock.set(Date.parse('2026-12-31T16:58:30Z'))
    product = await startStandalone({ dataDir: product.dataDir, prefixCommand: clock.prefixCommand })
    for (const id of SITES) {
      await widgetShows(product.url, id, { ...DECEMBER, week: 0 })
      await carryOver(id, { field: 'week', shown: 70, reason: 'sót' })
    }
    const both = { before: NEW_YEARS_EVE, after: NEW_YEAR }
    await turn('2026-12-31T17:00:00Z', { monday: both, sunday: both })
  })
})
