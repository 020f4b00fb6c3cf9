import { describe, expect, it } from 'vitest'
import { addTallies, NO_TALLY, OUTCOMES, tallyOf, unaccounted } from './tally.js'

describe('the tally of a partition', () => {
  it('accounts for every record from where the state began', () => {
    const tally = tallyOf([10, 2, 5, 1, 1, 3, 4])
    expect(tally).toMatchObject({ counted: 10, repeat: 2, heartbeat: 5, leave: 1, erase: 1, too_late: 3, poison: 4 })
    expect(unaccounted({ base: 100, next: 126, tally })).toBe(0)
    expect(unaccounted({ base: 100, next: 130, tally })).toBe(4)
    expect(unaccounted({ base: 100, next: 125, tally })).toBe(-1)
  })

  it('adds each outcome to its like', () => {
    const counts = OUTCOMES.map((_, n) => n + 1)
    expect(addTallies(tallyOf(counts), tallyOf(counts))).toEqual(tallyOf(counts.map((n) => 2 * n)))
    expect(addTallies(NO_TALLY, tallyOf(counts))).toEqual(tallyOf(counts))
  })
})
