import type { Event } from '#domain'

/** One event with its place in the log; the lowest offset of an id is the one that counts. */
export interface StoredEvent {
  readonly event: Event
  readonly partition: number
  readonly offset: number
  /** The log's own clock when the record was appended, ms. */
  readonly appendedAtMs: number
}

/** A stretch of one partition of the log that goes into the store at once. */
export interface StoredSpan {
  readonly partition: number
  readonly from: number
  /** The offset after its last record. */
  readonly next: number
  /** When the record before `next` was appended, ms. */
  readonly appendedAtMs: number
}

/** Numbers of one site as the store's SQL sees them. */
export interface StoredNumbers {
  readonly pageviews: number
  readonly visits: number
  readonly visitors: number
}

/**
 * Append-only history of events for statistics, with the numbers recomputed by SQL from the same events; those of sealed days
 * (`DaySealer`) are their rows.
 */
export interface EventStore {
  /** The first offset not yet stored; 0 when nothing is. Rejects when the store is away. */
  position(partition: number): Promise<number>
  /**
   * Writes the rows, then the position, and resolves to where that stands now. It moves on only if everything before `from` is
   * stored: a store that was put back to an older copy meanwhile stands before `from` then, and whoever has the log goes on from
   * there. At least once: rows written twice collapse by (site, id). The rows are gone through once, so they may be made on the
   * way and need not all be in memory.
   */
  insert(span: StoredSpan, rows: Iterable<StoredEvent>): Promise<number>
  /** Everything of the site that was appended up to this instant, ms, is stored; null when nothing is. */
  storedUntil(siteId: string): Promise<number | null>
  /**
   * Names what the store lost to damage and was not mended since: rows are missing, although the position is past them. Whoever
   * has the log stores it again, as far as it reaches back.
   */
  damage(): Promise<readonly string[]>
  /**
   * What the log holds of these partitions was stored again since `damage` named these. Resolves to whether they are forgotten:
   * they are not as long as other partitions may lack rows.
   */
  mended(damage: readonly string[], partitions: readonly number[]): Promise<boolean>
  /**
   * Removes every row of the site; resolves when they are gone for good. The same again does no harm. Called in the order of
   * the log, so rows inserted after it stay.
   */
  erase(siteId: string): Promise<void>
  /** Sums over the local days `fromDay <= day <= toDay` (days since 1970-01-01). */
  numbers(siteId: string, fromDay: number, toDay: number): Promise<StoredNumbers>
  /** Views of each asked path, ever; a path that was never viewed is 0. */
  views(siteId: string, paths: readonly string[]): Promise<Map<string, number>>
}
export const EVENT_STORE = Symbol('EventStore')
