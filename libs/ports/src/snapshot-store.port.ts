import type { Snapshot } from '#domain'

/** Views of one path, and up to when the log was in them, ms. */
export interface KeptViews {
  readonly path: string
  readonly views: number
  readonly asOfMs: number
}

/** The last known numbers of one site. */
export interface KeptNumbers {
  readonly siteId: string
  /** Absent when saving = unchanged; absent when loaded = never known. */
  readonly snapshot?: Snapshot
  /** All paths that are kept; absent as `snapshot`. */
  readonly views?: readonly KeptViews[]
}

/**
 * The last known numbers of every site on this process's own disk: what the widget shows, marked stale, while the
 * counters cannot be read (contract section 4). What is lost here costs no count, so `save` may be seconds behind.
 */
export interface SnapshotStore {
  /** Everything that is kept. What cannot be decoded is left out; rejects only when the disk cannot be read. */
  load(): Promise<readonly KeptNumbers[]>
  /** Replaces what is kept of the parts given; the rest stays. */
  save(changed: readonly KeptNumbers[]): Promise<void>
  /** Removes all that is kept of the sites. */
  remove(siteIds: readonly string[]): Promise<void>
}
export const SNAPSHOT_STORE = Symbol('SnapshotStore')
