import { Logger } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { encodeEvent, eraseEvent, type Event } from '#domain'
import { bytesOf, eventOf } from '#domain/testing'
import { Metrics } from '#metrics'
import type { EventStore, LogBatch, StoredEvent, StoredSpan } from '#ports'
import { DaySealing } from './day-sealing.js'
import { StoreHandler } from './store.handler.js'

Logger.overrideLogger(false)

/** Writes down what it is told, in order. */
class Told implements EventStore {
  readonly calls: string[] = []
  failures = 0
  appendedAtMs = 0

  at = 0
  async position(): Promise<number> {
    return this.at
  }
  async storedUntil(): Promise<number | null> {
    return null
  }
  lost: readonly string[] = []
  async damage(): Promise<readonly string[]> {
    return this.lost
  }
  async mended(damage: readonly string[], partitions: readonly number[]): Promise<boolean> {
    this.calls.push(`mended ${damage.join(' ')} of ${partitions.join(' ')}`)
    return true
  }
  /** Where the store stands when an older copy took its place. */
  rolledBackTo: number | null = null
  async insert({ next, appendedAtMs }: StoredSpan, rows: Iterable<StoredEvent>): Promise<number> {
    this.appendedAtMs = appendedAtMs
    this.calls.push(`insert ${[...rows].map(({ event, offset }) => `${event.site}@${offset}`).join(' ')} -> ${next}`)
    return this.rolledBackTo ?? next
  }
  async erase(siteId: string): Promise<void> {
    if (this.failures-- > 0) throw new Error('away')
    this.calls.push(`erase ${siteId}`)
  }
  async numbers(): Promise<{ pageviews: number; visits: number; visitors: number }> {
    return { pageviews: 0, visits: 0, visitors: 0 }
  }
  async views(): Promise<Map<string, number>> {
    return new Map()
  }
}

const DAY_MS = 86_400_000

const sealing = new DaySealing(
  { sealedThrough: async () => null, seal: async () => undefined, dropRaw: async () => undefined },
  { position: async () => Number.MAX_SAFE_INTEGER },
)

function batchOf(events: readonly Event[], lateMs = 0): LogBatch {
  const records = events.map((event, n) => ({
    offset: 10 + n,
    appendedAtMs: event.receivedAtMs + lateMs,
    bytes: encodeEvent(event),
  }))
  return { partition: 0, records, end: 1000, signal: new AbortController().signal }
}

describe('the store group', () => {
  const view = (site: string, n: number) => eventOf({ site, id: bytesOf(16, n) })
  const atMs = eventOf().receivedAtMs

  it('erases a site between what came before and what came after, and no other', async () => {
    //  offset   10      11      12         13      14
    //           aa      bb   erase aa      aa      bb
    const store = new Told()
    const batch = batchOf([view('aa', 1), view('bb', 2), eraseEvent('aa', atMs), view('aa', 3), view('bb', 4)])
    expect(await new StoreHandler(store, new Metrics(), sealing).apply(batch)).toBe(15)
    expect(store.calls).toEqual(['erase aa', 'insert bb@11 aa@13 bb@14 -> 15'])
    expect(store.appendedAtMs).toBe(batch.records.at(-1)!.appendedAtMs)
  })

  it.each([
    ['its position', [], 12, 12],
    ['where the log begins, when parts of it were damaged', ['all_1_1_0'], 12, 10],
    ['its position, when the log is cut behind it', ['all_1_1_0'], 5, 5],
  ])('goes on at %s', async (_, lost, at, expected) => {
    const store = Object.assign(new Told(), { lost, at })
    const extent = { first: 10, end: 20, signal: new AbortController().signal }
    expect(await new StoreHandler(store, new Metrics(), sealing).position(0, extent)).toBe(expected)
  })

  it('calls damage mended when every partition is as far as it was', async () => {
    const store = Object.assign(new Told(), { lost: ['all_1_1_0'], at: 12 })
    const handler = new StoreHandler(store, new Metrics(), sealing)
    for (const partition of [0, 1]) {
      await handler.position(partition, { first: 10, end: 20, signal: new AbortController().signal })
    }
    await handler.apply(batchOf([view('aa', 1)]))
    await handler.apply({ ...batchOf([view('aa', 1), view('aa', 2)]), partition: 1 })
    expect(store.calls.filter((call) => call.startsWith('mended'))).toEqual([])
    expect(await handler.position(1, { first: 10, end: 20, signal: new AbortController().signal })).toBe(12)
    await handler.caughtUp(0, 12, 0, 0)
    expect(store.calls.at(-1)).toBe('mended all_1_1_0 of 0 1')
  })

  it('goes back to where a store stands that was put back to an older copy, and seals its days anew', async () => {
    const sealed: number[] = []
    const store = Object.assign(new Told(), { at: 11 })
    const sealer = {
      sealedThrough: async () => null,
      seal: async (_: number, day: number) => void sealed.push(day),
      dropRaw: async () => undefined,
    }
    const sealing = new DaySealing(sealer, store)
    const handler = new StoreHandler(store, new Metrics(), sealing)
    const batch = batchOf([view('aa', 1)])
    expect(await handler.apply(batch)).toBe(11)
    expect(await handler.apply(batch)).toBe(11)
    expect(sealed).toHaveLength(1)
    store.rolledBackTo = 3
    expect(await handler.apply(batch)).toBe(3)
    store.rolledBackTo = null
    expect(await handler.apply(batch)).toBe(11)
    expect(sealed).toHaveLength(2)
  })

  it('erases once for many erasures, and passes them when nothing else is there', async () => {
    const store = new Told()
    const batch = batchOf([eraseEvent('aa', atMs), view('aa', 1), eraseEvent('aa', atMs)])
    expect(await new StoreHandler(store, new Metrics(), sealing).apply(batch)).toBe(13)
    expect(store.calls).toEqual(['erase aa', 'insert  -> 13'])
  })

  it('moves on only when the store has erased', async () => {
    const store = new Told()
    store.failures = 2
    await new StoreHandler(store, new Metrics(), sealing).apply(batchOf([eraseEvent('aa', atMs)]))
    expect(store.calls).toEqual(['erase aa', 'insert  -> 11'])
  })

  it('erases however late, and leaves out an event that is too late', async () => {
    const store = new Told()
    await new StoreHandler(store, new Metrics(), sealing).apply(
      batchOf([view('bb', 1), eraseEvent('aa', atMs)], 2 * DAY_MS),
    )
    expect(store.calls).toEqual(['erase aa', 'insert  -> 12'])
  })
})
