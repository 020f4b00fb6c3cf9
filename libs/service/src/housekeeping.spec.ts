import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Chore, startHousekeeping, untilNoonMs } from './housekeeping.js'

const silent = pino({ level: 'silent' })

describe('housekeeping', () => {
  beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 11, 58, 20) }))
  afterEach(() => vi.useRealTimers())

  // 11:58:20   :25    11:59:25   12:00:00   12:01:00
  //   start     |         |       | noon       |
  it('is done soon after the start, every minute, and at noon UTC to the second', async () => {
    const times: string[] = []
    const work = async (nowMs: number) => void times.push(new Date(nowMs).toISOString().slice(11, 19))
    const running = startHousekeeping([{ failure: '', work }], silent, { now: () => Date.now() })
    await vi.advanceTimersByTimeAsync(165_000)
    expect(times).toEqual(['11:58:25', '11:59:25', '12:00:00', '12:01:00'])
    await running.close()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(times).toHaveLength(4)
  })

  it('has noon done at once when a turn that began before it ends after it', async () => {
    vi.setSystemTime(Date.UTC(2026, 10, 24, 11, 59, 54, 998))
    const times: string[] = []
    const work = async (nowMs: number) => {
      times.push(new Date(nowMs).toISOString().slice(11, 19))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const running = startHousekeeping([{ failure: '', work }], silent, { now: () => Date.now() })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(times).toEqual(['11:59:59', '12:00:00'])
    await running.close()
  })

  it('goes on with the other chores, and with the next turn, when one fails', async () => {
    const failing = vi.fn<Chore['work']>(() => Promise.reject(new Error('disk full')))
    const fine = vi.fn<Chore['work']>(() => Promise.resolve())
    const chores = [failing, fine].map((work) => ({ failure: 'a chore', work }))
    const running = startHousekeeping(chores, silent, { now: () => Date.now() })
    await vi.advanceTimersByTimeAsync(70_000)
    expect([failing.mock.calls.length, fine.mock.calls.length]).toEqual([2, 2])
    await running.close()
  })

  it('waits for the turn under way when it closes', async () => {
    let finish = () => {}
    const work = () => new Promise<void>((resolve) => (finish = resolve))
    const running = startHousekeeping([{ failure: '', work }], silent, { now: () => Date.now() })
    await vi.advanceTimersByTimeAsync(6000)
    let closed = false
    const closing = running.close().then(() => (closed = true))
    await vi.advanceTimersByTimeAsync(1000)
    expect(closed).toBe(false)
    finish()
    await closing
  })

  it('has a whole day to go at noon itself', () => {
    expect(untilNoonMs(Date.UTC(2026, 0, 1, 12))).toBe(86_400_000)
    expect(untilNoonMs(Date.UTC(2026, 0, 1, 11, 59, 59, 999))).toBe(1)
  })
})
