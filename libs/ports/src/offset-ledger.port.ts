import type { OffsetLine } from '#domain'

/** One owner request that was applied to a site's offset entries: it made entries, or reversed one. */
export interface OffsetCommit {
  readonly siteId: string
  /** 1, 2, 3, ...: the order in which the requests of the site were applied. */
  readonly revision: number
  readonly atMs: number
  /** Id of the key that asked, or `admin`. */
  readonly by: string
  /** Local day to whose buckets the lines belong. */
  readonly day: number
  /** The entries that were made; of a reversal the one that it took back. */
  readonly lines: readonly OffsetLine[]
  /** Id of the entry that was reversed; null when entries were made. */
  readonly reverses: string | null
  /** `Idempotency-Key` with a hash of its body; null when there was none. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
}

/**
 * The offset entries of all sites, and their audit trail: commits are only ever added. Shared by all processes; the compare
 * in `append` is what makes the requests of one site be applied one after another, whichever process takes them.
 */
export interface OffsetLedger {
  /** The last revision of every site that has one. Rejects when the ledger cannot be read, as all of these do. */
  heads(): Promise<ReadonlyMap<string, number>>
  /** Commits after `afterRevision`, in order, without a gap; perhaps not all at once, but none only when there are none. */
  read(siteId: string, afterRevision: number): Promise<readonly OffsetCommit[]>
  /**
   * Adds the commit, whole and durably, if the site stands at the revision before; else changes nothing and resolves to
   * false. A rejection leaves open whether it was added: read again.
   */
  append(commit: OffsetCommit): Promise<boolean>
  /** Removes everything of the site for good; again and again does no harm. */
  eraseSite(siteId: string): Promise<void>
}
export const OFFSET_LEDGER = Symbol('OffsetLedger')
