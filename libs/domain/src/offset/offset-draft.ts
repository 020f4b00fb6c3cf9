import type { CalendarNumber, CalendarNumbers } from '../snapshot/snapshot.js'
import type { OffsetField, OffsetLine, OffsetRequest } from './offset-entry.js'
import { MOST_SHOWN } from './offset-entry.js'

/** What must be added so that `shown` is displayed where `displayed` is now (contract section 5). */
export function addFor(amount: OffsetRequest['amount'], displayed: number): number {
  return 'add' in amount ? amount.add : amount.shown - displayed
}

/** Whether the invariants of contract section 1 fail: today <= week, today <= month <= year <= total, nothing below 0. */
export function breaksOrder({ today, yesterday, week, month, year, total }: CalendarNumbers): boolean {
  const isOrdered = today <= week && today <= month && month <= year && year <= total
  return !isOrdered || Math.min(today, yesterday, week, month, year, total) < 0
}

/**
 * A request's entries applied to the displayed numbers one after another, and judged at the end (contract section 5): so
 * an array may pass through numbers that would be refused alone. Nothing outside is changed.
 */
export class OffsetDraft {
  private readonly numbers: Record<CalendarNumber, number>
  private readonly touched = new Map<string, number>()

  /** `viewsOf` gives the displayed views of every path that will be named. */
  constructor(
    numbers: CalendarNumbers,
    private readonly viewsOf: (path: string) => number,
  ) {
    this.numbers = { ...numbers }
  }

  /** The line that the request comes to, on top of the earlier ones; null when its number would be beyond all limits. */
  add({ field, path, reason, amount }: OffsetRequest): OffsetLine | null {
    const displayed = this.displayed(field, path)
    const add = addFor(amount, displayed)
    if (Math.abs(displayed + add) > MOST_SHOWN) return null
    this.set(field, path, displayed + add)
    return { field, path, add, shown: 'shown' in amount ? amount.shown : null, reason }
  }

  /** Takes a line out of the named displayed numbers: those of the buckets in which it still is. */
  takeBack(line: OffsetLine, from: readonly CalendarNumber[]): void {
    if (line.field === 'views') this.touched.set(line.path, this.displayed('views', line.path) - line.add)
    else for (const number of from) this.numbers[number] -= line.add
  }

  /** Whether what is displayed at the end would be out of order or below 0. */
  get breaksOrder(): boolean {
    if (breaksOrder(this.numbers)) return true
    for (const views of this.touched.values()) if (views < 0) return true
    return false
  }

  private displayed(field: OffsetField, path: string): number {
    return field === 'views' ? (this.touched.get(path) ?? this.viewsOf(path)) : this.numbers[field]
  }

  private set(field: OffsetField, path: string, value: number): void {
    if (field === 'views') this.touched.set(path, value)
    else this.numbers[field] = value
  }
}
