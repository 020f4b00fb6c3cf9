import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LogHandler, LogRecord } from '#ports'
import { type LaneFetcher, PartitionLane } from './partition-lane.js'

const records = (...offsets: number[]): LogRecord[] =>
  offsets.map((offset) => ({ offset, appendedAtMs: 1000 + offset, bytes: new Uint8Array(1) }))

/** A lane at offset 5 of a log that holds 0 to 9, what was asked of its fetcher, and what it did. */
async function laneAtFive(rules: Partial<LogHandler> = {}) {
  const asked: (number | 'pause' | 'resume')[] = []
  const applied: number[] = []
  const caughtUp: number[][] = []
  const halts: string[] = []
  const fetcher: LaneFetcher = {
    fetchFrom: (_, offset) => asked.push(offset),
    pause: () => asked.push('pause'),
    resume: () => asked.push('resume'),
    extent: async () => ({ first: 0, end: 9, atMs: 1 }),
    drained: () => undefined,
    halted: (_, error) => halts.push(String(error)),
    warn: () => undefined,
  }
  const handler: LogHandler = {
    maxRecords: 2,
    position: async () => 5,
    apply: async (batch) => {
      for (const { offset } of batch.records) applied.push(offset)
      return batch.records.at(-1)!.offset + 1
    },
    caughtUp: async (_, next, atMs, streamTimeMs) => {
      caughtUp.push([next, atMs, streamTimeMs])
    },
    ...rules,
  }
  const lane = new PartitionLane(0, handler, fetcher, { compareMs: 60_000 }, Promise.resolve())
  open.push(lane)
  await vi.waitUntil(() => asked.includes(5))
  return { lane, asked, applied, caughtUp, halts }
}

const open: PartitionLane[] = []
afterEach(async () => {
  for (const lane of open.splice(0)) {
    lane.stop()
    await lane.done
  }
})

describe('one partition of a group', () => {
  it('takes what goes on where it stands, up to the first gap, and applies it in small batches', async () => {
    const { lane, applied } = await laneAtFive()
    expect(lane.receive(records(5, 6, 7, 9), 10)).toBe(8)
    await vi.waitUntil(() => applied.length === 3)
    expect(applied).toEqual([5, 6, 7])
    expect(lane.lag()).toEqual({ partition: 0, next: 8, end: 10, halted: false })
  })

  it.each([
    ['after', 7],
    ['before', 0],
  ])('asks for its place again when a batch begins %s it, and halts when that does not help', async (_, elsewhere) => {
    const { lane, asked, applied, halts } = await laneAtFive()
    for (let tries = 0; tries < 3; tries++) expect(lane.receive(records(elsewhere), 9)).toBeNull()
    expect(asked).toEqual([5, 5, 5, 'pause'])
    await vi.waitUntil(() => halts.length === 1)
    expect(halts[0]).toContain(`gave offset ${elsewhere} where offset 5 was asked for`)
    expect([applied, lane.lag().next]).toEqual([[], 5])
  })

  it('forgets the stray batches when one fits', async () => {
    const { lane, halts } = await laneAtFive()
    for (const offset of [7, 7, 5, 9, 9, 6]) lane.receive(records(offset), 9)
    await vi.waitUntil(() => lane.lag().next === 7)
    expect(halts).toEqual([])
  })

  it('drops what it has fetched when its handler goes elsewhere', async () => {
    let next = 3
    const { lane, asked } = await laneAtFive({ apply: async () => next })
    lane.receive(records(5, 6, 7, 8), 9)
    await vi.waitUntil(() => asked.at(-1) === 3)
    next = 5
    expect(lane.receive(records(9), 10)).toBeNull()
    expect(lane.receive(records(3, 4), 10)).toBe(5)
  })

  it('has caught up with an instant when everything up to it is applied, also when more has come since', async () => {
    const { lane, caughtUp } = await laneAtFive()
    lane.observe({ first: 0, end: 7, atMs: 42 })
    lane.receive(records(5), 9)
    await vi.waitUntil(() => lane.lag().next === 6)
    expect(caughtUp).toEqual([])
    lane.receive(records(6, 7), 9)
    await vi.waitUntil(() => caughtUp.length > 0)
    expect(caughtUp).toEqual([[8, 42, 1007]])
  })

  it('halts when the log is seen to begin after it', async () => {
    const { lane, halts } = await laneAtFive()
    lane.observe({ first: 6, end: 9, atMs: 1 })
    await vi.waitUntil(() => halts.length === 1)
    expect(halts[0]).toContain('is needed from offset 5; the log holds 6 to 9')
  })
})
