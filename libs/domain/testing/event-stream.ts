import fc from 'fast-check'
import type { Event } from '../src/event/event.js'

const NO_FACTS: Event['facts'] = {
  host: 'example.vn',
  title: '',
  referrerHost: '',
  language: 'vi',
  zone: 'Asia/Saigon',
  width: 360,
  country: 'VN',
  browser: 'Chrome',
  system: 'Android',
  device: 'mobile',
  bot: false,
  name: '',
  props: '',
  engagedSeconds: 0,
}

export const FIRST_DAY = 20_416 // 2025-11-24, a Monday

/** 16 or 8 bytes that hold a small number, so that streams meet the same keys again. */
export function bytesOf(length: number, n: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(length - 4, n)
  return bytes
}

export function eventOf(overrides: Partial<Event> = {}): Event {
  const t = overrides.t ?? FIRST_DAY * 86_400 + 5 * 3600
  return {
    type: 'view',
    site: 'demo',
    id: bytesOf(16, 1),
    idAtMs: t * 1000,
    receivedAtMs: t * 1000,
    t,
    day: FIRST_DAY,
    visitor: bytesOf(8, 1),
    onlineId: bytesOf(8, 1),
    visitTimeout: 1800,
    entry: false,
    path: '/',
    facts: NO_FACTS,
    ...overrides,
  }
}

/**
 * Streams that are as nasty as the rules allow: few visitors, paths and sites, repeats, three days, points at and around
 * the timeouts, several timeouts, events without visitor, heartbeats and leaves. Copies of one id are equal.
 */
export function streams(options: { maxLength: number; sites: readonly string[] }): fc.Arbitrary<Event[]> {
  const distinct = fc
    .record({
      type: fc.constantFrom<Event['type']>('view', 'view', 'view', 'event', 'heartbeat', 'leave'),
      site: fc.constantFrom(...options.sites),
      dayNumber: fc.integer({ min: 0, max: 2 }),
      second: fc.oneof(
        fc.integer({ min: 0, max: 47 }).map((n) => n * 1800),
        fc.integer({ min: 0, max: 40 }).map((n) => n * 299),
        fc.integer({ min: 0, max: 86_399 }),
      ),
      visitor: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 5 }),
      visitTimeout: fc.constantFrom(300, 1800, 1800, 3600),
      path: fc.constantFrom('/', '/a', '/tin/12'),
      entry: fc.boolean(),
    })
    .map(({ dayNumber, second, visitor, ...rest }) => {
      const day = FIRST_DAY + dayNumber
      return { ...rest, day, t: day * 86_400 + second, visitor: visitor === null ? null : bytesOf(8, visitor) }
    })
  return fc
    .array(distinct, { maxLength: options.maxLength })
    .map((list) => list.map((part, n) => eventOf({ ...part, onlineId: part.visitor, id: bytesOf(16, n + 1) })))
}

/** Cuts a list at random places; every part has at least one item. */
export function batchesOf<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = []
  for (let at = 0, n = 0; at < list.length; n++) {
    const size = Math.max(1, sizes[n % Math.max(1, sizes.length)] ?? 1)
    batches.push(list.slice(at, at + size))
    at += size
  }
  return batches
}
