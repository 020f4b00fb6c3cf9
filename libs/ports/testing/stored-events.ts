import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import type { Event, EventFacts } from '#domain'
import type { StoredEvent } from '#ports'

/** 2026-03-02 00:00:00 UTC, a Monday; its day number. */
export const DAY = 20_514
export const MIDNIGHT = DAY * 86_400

let sites = 0
/** Each test counts on a site of its own, so the store may be shared and need not be empty. */
export const newSite = (): string => `s${process.pid.toString(36)}${Date.now().toString(36)}x${++sites}`

const NO_FACTS: EventFacts = {
  host: 'example.vn',
  title: '',
  referrerHost: '',
  language: 'vi',
  zone: 'Asia/Ho_Chi_Minh',
  width: 0,
  country: 'VN',
  browser: 'Firefox',
  system: 'Linux',
  device: 'desktop',
  bot: false,
  name: '',
  props: '',
  engagedSeconds: 0,
}

/** What a test says of an event; the rest is filled in. `id` and `visitor` are any text: the same text, the same bytes. */
export interface Sketch {
  readonly site: string
  readonly offset: number
  /** 0 unless said. */
  readonly partition?: number
  /** Seconds after MIDNIGHT. */
  readonly at: number
  readonly id?: string
  readonly visitor?: string | null
  readonly type?: Event['type']
  readonly path?: string
  readonly timeout?: number
  readonly entry?: boolean
  readonly idAt?: number
  /** Append time, seconds after MIDNIGHT; `at` unless said. */
  readonly appendedAt?: number
  readonly facts?: Partial<EventFacts>
}

/** The row of a sketch, with its day in UTC. */
export function storedEvent(sketch: Sketch): StoredEvent {
  const { site, offset, at, type = 'view', visitor = 'v', idAt = at } = sketch
  const t = MIDNIGHT + at
  const event: Event = {
    type,
    site,
    id: bytes(sketch.id ?? `id ${offset}`, 16),
    idAtMs: (MIDNIGHT + idAt) * 1000,
    receivedAtMs: t * 1000 + 250,
    t,
    day: Math.floor(t / 86_400),
    visitor: visitor === null ? null : bytes(visitor, 8),
    onlineId: visitor === null ? null : bytes(`online ${visitor}`, 8),
    visitTimeout: sketch.timeout ?? 1800,
    entry: sketch.entry ?? false,
    path: sketch.path ?? (type === 'view' || type === 'event' ? '/' : ''),
    facts: { ...NO_FACTS, ...sketch.facts },
  }
  const appendedAtMs = (MIDNIGHT + (sketch.appendedAt ?? at)) * 1000 + 300
  return { event, partition: sketch.partition ?? 0, offset, appendedAtMs }
}

const bytes = (text: string, size: number): Uint8Array => createHash('sha256').update(text).digest().subarray(0, size)

/** Gaps around the timeouts are what the rules turn on. */
const gap = fc.constantFrom(0, 0, 1, 299, 300, 301, 1799, 1800, 1801, 3600, 3601, 20_000)

const step = fc.record({
  gap,
  type: fc.constantFrom<Event['type']>('view', 'view', 'view', 'event', 'leave', 'heartbeat'),
  visitor: fc.constantFrom('a', 'b', 'c', null),
  path: fc.constantFrom('/', '/a', '/tin-tức'),
  timeout: fc.constantFrom(300, 1800, 3600),
  entry: fc.boolean(),
  /** 0: an id of its own; else the id of the row that many rows before, a copy that may differ in anything. */
  copyOf: fc.constantFrom(0, 0, 0, 0, 1, 2, 5),
  /** A server event sent again may say another time, which also moves the time that orders storage. */
  idShift: fc.constantFrom(0, 0, 7),
})

/**
 * Rows of one site over about three days, as a log would hold them: repeats, copies that differ, several points in
 * one second, no visitor, several timeouts; in an order of arrival that is not that of their times.
 */
export const streamOf = (site: string): fc.Arbitrary<StoredEvent[]> =>
  fc
    .tuple(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 80_000 }),
      fc.infiniteStream(fc.nat()),
    )
    .map(([steps, start, order]) => {
      let at = start
      const timed = steps.map((one) => ({ ...one, at: (at += one.gap), rank: order.next().value as number }))
      const arrived = timed.sort((a, b) => a.rank - b.rank)
      return arrived.map(({ copyOf, idShift, ...sketch }, offset) => {
        const id = `id ${Math.max(0, offset - copyOf)}`
        return storedEvent({ ...sketch, site, offset, id, idAt: sketch.at + idShift })
      })
    })

/** Batches that cover all rows in order, each begun anew up to a few rows back, as after a redelivery. */
export function overlappingBatches(rows: readonly StoredEvent[], sizes: readonly number[]): StoredEvent[][] {
  const batches: StoredEvent[][] = []
  for (let from = 0, turn = 0; from < rows.length; turn++) {
    const size = sizes[turn % sizes.length] as number
    batches.push(rows.slice(Math.max(0, from - (turn % 3) * 4), from + size))
    from += size
  }
  return batches
}
