import { bucketsOf } from '../src/calendar/bucket.js'
import type { CounterValues } from '../src/counter/operations.js'
import type { Event } from '../src/event/event.js'

/** What all counters of one site must be after a set of events, by the words of contract section 1 and by brute force. */
export interface Recount {
  readonly buckets: ReadonlyMap<string, CounterValues>
  readonly views: ReadonlyMap<string, number>
  online(after: number, until: number): number
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))

export function recount(stream: readonly Event[], site: string): Recount {
  const all = stream.filter((event) => event.site === site)
  const points = [...new Map(all.filter(isPoint).map((event) => [text(event.id), event])).values()]
  const days = groupBy(points, (event) => event.day)
  const buckets = new Map<string, CounterValues>()
  for (const [day, events] of days) {
    const values = dayValues(events)
    if (values.pageviews + values.visits === 0) continue // custom events without visitor are in no number
    for (const bucket of Object.values(bucketsOf(day))) {
      const sum = buckets.get(bucket) ?? { pageviews: 0, visits: 0, visitors: 0 }
      buckets.set(bucket, {
        pageviews: sum.pageviews + values.pageviews,
        visits: sum.visits + values.visits,
        visitors: sum.visitors + values.visitors,
      })
    }
  }
  return { buckets, views: viewsOf(points), online: (after, until) => onlineOf(all, after, until) }
}

function isPoint(event: Event): boolean {
  return event.type === 'view' || event.type === 'event'
}

function dayValues(events: readonly Event[]): CounterValues {
  const visitors = groupBy(
    events.filter((event) => event.visitor !== null),
    (event) => text(event.visitor),
  )
  const entries = events.filter((event) => event.type === 'view' && event.visitor === null && event.entry).length
  return {
    pageviews: events.filter((event) => event.type === 'view').length,
    visits: entries + sum([...visitors.values()].map((list) => runs(list, (event) => event.visitTimeout))),
    visitors: visitors.size,
  }
}

function viewsOf(points: readonly Event[]): Map<string, number> {
  const views = new Map<string, number>()
  const keys = groupBy(
    points.filter((event) => event.type === 'view'),
    (event) => JSON.stringify([event.path, event.day, text(event.visitor)]),
  )
  for (const list of keys.values()) {
    const gained = list[0].visitor === null ? list.length : runs(list, () => 1800)
    views.set(list[0].path, (views.get(list[0].path) ?? 0) + gained)
  }
  return views
}

function runs(list: readonly Event[], timeoutOf: (event: Event) => number): number {
  const sorted = list.toSorted((a, b) => a.t - b.t || timeoutOf(a) - timeoutOf(b))
  return sorted.filter((event, i) => i === 0 || event.t - sorted[i - 1].t > timeoutOf(event)).length
}

/** An id is online while any of its times is in the window. */
function onlineOf(all: readonly Event[], after: number, until: number): number {
  const seen = all.filter(
    (event) => event.type !== 'leave' && event.onlineId !== null && event.t > after && event.t <= until,
  )
  return new Set(seen.map((event) => text(event.onlineId))).size
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}

function groupBy<T, K>(list: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
