import type { DayNumbers, StoreCut } from '#domain'

/**
 * What reconciliation reads from the store: the numbers that the counters should be. At a cut, only what lies before its
 * offset counts; the store must have come that far (`EventStore.position`). Everything rejects when the store is away.
 */
export interface RecountSource {
  /** Every site of the partition of which the store holds a number, in any order. */
  sites(partition: number): Promise<readonly string[]>
  /** The numbers of every local day of the site that has any. */
  days(siteId: string, cut: StoreCut): Promise<readonly DayNumbers[]>
  /** The viewed paths of the site that come after `path`, in the store's order: a page of them, empty after the last. */
  pathsAfter(siteId: string, path: string): Promise<readonly string[]>
  /** Views of each asked path; a path that was never viewed is 0. */
  viewsAt(siteId: string, paths: readonly string[], cut: StoreCut): Promise<ReadonlyMap<string, number>>
}
export const RECOUNT_SOURCE = Symbol('RecountSource')
