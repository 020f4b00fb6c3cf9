import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DaySealer } from '#ports'
import { DaySealing } from './day-sealing.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAY = 20_416
/** From here on nothing can reach DAY: its end at UTC-12, 48 h and 24 h. */
const CLOSES_MS = (DAY + 1) * DAY_MS + (12 + 48 + 24) * HOUR_MS

class NotedSealer implements DaySealer {
  readonly done: string[] = []
  isAway = false

  async sealedThrough(): Promise<number | null> {
    return null
  }

  async seal(partition: number, day: number): Promise<void> {
    if (this.isAway) throw new Error('away')
    this.done.push(`seal ${partition} ${day - DAY}`)
  }

  async dropRaw(partition: number, day: number): Promise<void> {
    this.done.push(`drop ${partition} ${day - DAY}`)
  }
}

describe('sealing of days', () => {
  let sealer: NotedSealer
  let sealing: DaySealing
  /** Where the store stands. */
  let at: number
  beforeEach(() => {
    Logger.overrideLogger(false)
    vi.useFakeTimers()
    sealer = new NotedSealer()
    at = 7
    sealing = new DaySealing(sealer, { position: async () => at })
  })
  afterEach(() => vi.useRealTimers())

  it('seals a day when stream time is past the last instant that can reach it, and lets old raw events go', async () => {
    await sealing.reached(3, 7, CLOSES_MS)
    await sealing.reached(3, 7, CLOSES_MS + 1)
    // Stream time is in DAY+4: raw events of the 400 days before that one are kept.
    expect(sealer.done).toEqual(['seal 3 -1', 'drop 3 -397', 'seal 3 0', 'drop 3 -397'])
  })

  it('asks once a day and partition, and never for an earlier day', async () => {
    for (const [partition, atMs] of [
      [0, CLOSES_MS + 1],
      [0, CLOSES_MS + DAY_MS],
      [0, CLOSES_MS - DAY_MS],
      [1, CLOSES_MS + 1],
    ] as const)
      await sealing.reached(partition, 7, atMs)
    expect(sealer.done.filter((done) => done.startsWith('seal'))).toEqual(['seal 0 0', 'seal 1 0'])
  })

  it('waits with the days of a store that stands before what was stored, as an older copy does', async () => {
    at = 6
    await sealing.reached(0, 7, CLOSES_MS + 1)
    expect(sealer.done).toEqual([])
    at = 7
    await sealing.reached(0, 7, CLOSES_MS + 1)
    expect(sealer.done).toHaveLength(2)
  })

  it('tries again after a minute when the store is away, and does not hold up the log meanwhile', async () => {
    sealer.isAway = true
    await sealing.reached(0, 7, CLOSES_MS + 1)
    sealer.isAway = false
    vi.advanceTimersByTime(59_000)
    await sealing.reached(0, 7, CLOSES_MS + 1)
    expect(sealer.done).toEqual([])
    vi.advanceTimersByTime(1_000)
    await sealing.reached(0, 7, CLOSES_MS + 1)
    expect(sealer.done).toHaveLength(2)
  })
})
