import { Inject, Injectable } from '@nestjs/common'
import { isStale, shownViews } from '#domain'
import { CLOCK, type Clock } from '#ports'
import { OffsetBook } from '../offsets/offset-book.js'
import { BatchRead } from './batch-read.js'
import { CounterSource } from './counter-source.js'
import { LastKnown, type RememberedViews } from './last-known.js'
import { COUNTER_LIMITS, SHARED_FOR_MS } from './snapshots.js'
import { StoreFallback } from './store-fallback.js'

/** Views of paths; a path whose views are not known is not in it. */
export interface KnownViews {
  readonly views: ReadonlyMap<string, number>
  readonly asOfMs: number
  readonly stale: boolean
}

type Found = Map<string, Pick<RememberedViews, 'views' | 'asOfMs'>>

/** Views of paths as the widget shows them; never a zero that is not a count (contract section 4). */
@Injectable()
export class PathViews {
  private readonly sites = new Map<string, BatchRead<Found>>()

  constructor(
    @Inject(CounterSource) private readonly counters: CounterSource,
    @Inject(LastKnown) private readonly lastKnown: LastKnown,
    @Inject(StoreFallback) private readonly store: StoreFallback,
    @Inject(OffsetBook) private readonly offsets: OffsetBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The counters' views of the paths, at most half a second old, while they cannot be read the last known ones, with the offset
   * entries of now; null when nothing ever was known of the site, or its offset entries are not.
   */
  async of(siteId: string, paths: readonly string[]): Promise<KnownViews | null> {
    const measured = await this.measured(siteId, paths)
    const offsets = this.offsets.of(siteId)
    if (measured === null || offsets === null) return null
    const views = new Map([...measured.views].map(([path, counted]) => [path, shownViews(path, counted, offsets)]))
    return { ...measured, views }
  }

  private async measured(siteId: string, paths: readonly string[]): Promise<KnownViews | null> {
    const nowMs = this.clock.now()
    const found = this.remembered(siteId, paths, (kept) => isYoung(kept, nowMs))
    const lacking = paths.filter((path) => !found.has(path))
    if (lacking.length > 0) {
      const read = await this.batch(siteId).get(lacking)
      if (read === null) return this.lastKnownOf(siteId, paths)
      for (const path of lacking) found.set(path, read.get(path)!)
    }
    const known = merged(found, nowMs)
    return { ...known, stale: isStale(known.asOfMs, this.clock.now()) }
  }

  /** Forgets all sites but those. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const siteId of this.sites.keys()) if (!isKept(siteId)) this.sites.delete(siteId)
  }

  private async read(siteId: string, paths: readonly string[]): Promise<Found> {
    const readAtMs = this.clock.now()
    const { views, asOfMs } = await this.counters.views(siteId, paths)
    return this.keep(siteId, paths, (_, n) => views[n], { asOfMs, readAtMs })
  }

  private async lastKnownOf(siteId: string, paths: readonly string[]): Promise<KnownViews | null> {
    const found = this.remembered(siteId, paths, () => true)
    const lacking = paths.filter((path) => !found.has(path))
    const stored = lacking.length > 0 ? await this.store.views(siteId, lacking) : null
    if (stored !== null) {
      const { views, asOfMs } = stored
      const answered = lacking.filter((path) => views.has(path))
      const times = { asOfMs, readAtMs: Number.NEGATIVE_INFINITY }
      for (const [path, kept] of this.keep(siteId, answered, (path) => views.get(path)!, times)) found.set(path, kept)
    }
    const asOfMs = this.lastKnown.asOfMs(siteId)
    return asOfMs === null ? null : { ...merged(found, asOfMs), stale: true }
  }

  private keep(
    siteId: string,
    paths: readonly string[],
    viewsOf: (path: string, n: number) => number,
    times: Pick<RememberedViews, 'asOfMs' | 'readAtMs'>,
  ): Found {
    const found: Found = new Map()
    for (const [n, path] of paths.entries()) {
      const kept = { path, views: viewsOf(path, n), ...times }
      this.lastKnown.keepViews(siteId, kept)
      found.set(path, kept)
    }
    return found
  }

  private remembered(siteId: string, paths: readonly string[], isGood: (kept: RememberedViews) => boolean): Found {
    const found: Found = new Map()
    for (const path of paths) {
      const kept = this.lastKnown.views(siteId, path)
      if (kept !== undefined && isGood(kept)) found.set(path, kept)
    }
    return found
  }

  private batch(siteId: string): BatchRead<Found> {
    let batch = this.sites.get(siteId)
    if (batch === undefined) {
      const limits = { readLimitMs: COUNTER_LIMITS.patienceMs, retryMs: COUNTER_LIMITS.retryMs }
      batch = new BatchRead(
        limits,
        () => this.clock.now(),
        (paths) => this.read(siteId, paths),
      )
      this.sites.set(siteId, batch)
    }
    return batch
  }
}

function isYoung({ readAtMs }: RememberedViews, nowMs: number): boolean {
  return nowMs >= readAtMs && nowMs - readAtMs < SHARED_FOR_MS
}

/** Everything in the log is in all of them up to the oldest of their times; `otherwise` when there are none. */
function merged(found: Found, otherwise: number): { views: Map<string, number>; asOfMs: number } {
  const views = new Map([...found].map(([path, kept]) => [path, kept.views]))
  const times = [...found.values()].map(({ asOfMs }) => asOfMs)
  return { views, asOfMs: times.length > 0 ? Math.min(...times) : otherwise }
}
