import type { Event } from '#domain'
import type { StoredEvent, StoredNumbers } from '#ports'

/**
 * The numbers of contract section 1 counted from a plain list of rows, in the most literal way and with nothing of
 * ours in use, so that a store's answer can be compared with it. Rows are those of one site.
 */
export function recountNumbers(rows: readonly StoredEvent[], fromDay: number, toDay: number): StoredNumbers {
  const events = countedEvents(rows).filter((event) => event.day >= fromDay && event.day <= toDay)
  const withVisitor = events.filter((event) => event.visitor !== null)
  const withoutVisitor = events.filter((event) => event.visitor === null)
  return {
    pageviews: events.filter((event) => event.type === 'view').length,
    visits:
      runs(
        withVisitor,
        (event) => `${event.day} ${hex(event)}`,
        (event) => event.visitTimeout,
      ) + withoutVisitor.filter((event) => event.type === 'view' && event.entry).length,
    visitors: new Set(withVisitor.map((event) => `${event.day} ${hex(event)}`)).size,
  }
}

export function recountViews(rows: readonly StoredEvent[], path: string): number {
  const views = countedEvents(rows).filter((event) => event.type === 'view' && event.path === path)
  const withVisitor = views.filter((event) => event.visitor !== null)
  return (
    views.length -
    withVisitor.length +
    runs(
      withVisitor,
      (event) => `${event.day} ${hex(event)}`,
      () => 1800,
    )
  )
}

/** Of each id the view or event with the lowest offset. */
function countedEvents(rows: readonly StoredEvent[]): Event[] {
  const first = new Map<string, StoredEvent>()
  for (const row of rows) {
    if (row.event.type !== 'view' && row.event.type !== 'event') continue
    const id = Buffer.from(row.event.id).toString('hex')
    const known = first.get(id)
    if (known === undefined || row.offset < known.offset) first.set(id, row)
  }
  return [...first.values()].map((row) => row.event)
}

/** A second starts a run unless an earlier point of its key is at most its smallest timeout older. */
function runs(events: readonly Event[], keyOf: (event: Event) => string, timeoutOf: (event: Event) => number): number {
  let count = 0
  for (const key of new Set(events.map(keyOf))) {
    const points = events.filter((event) => keyOf(event) === key)
    for (const second of new Set(points.map((point) => point.t))) {
      const timeout = Math.min(...points.filter((point) => point.t === second).map(timeoutOf))
      if (!points.some((point) => point.t < second && point.t >= second - timeout)) count += 1
    }
  }
  return count
}

const hex = (event: Event): string => Buffer.from(event.visitor as Uint8Array).toString('hex')
