import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { NO_OFFSETS, OffsetFold, type OffsetEntry, type OffsetSums } from '#domain'
import { OFFSET_LEDGER, type OffsetCommit, type OffsetLedger, within } from '#ports'
import { RareLog } from '../widget/rare-log.js'

const POLL_EVERY_MS = 1000
const START_LIMIT_MS = 5000

/** What is remembered of one site's commits: what they come to, never the entries themselves. */
class SiteOffsets {
  revision = 0
  readonly sums = new OffsetFold()
  readonly reversed = new Map<string, NonNullable<OffsetEntry['reversed']>>()
  readonly idempotent = new Map<string, { readonly bodyHash: string; readonly revision: number }>()

  /** Commits come in order; one that was taken before, or has one missing before it, changes nothing. */
  take(commit: OffsetCommit): void {
    const { revision, lines, day, reverses, idempotency, atMs, by } = commit
    if (revision !== this.revision + 1) return
    this.revision = revision
    if (idempotency !== null) this.idempotent.set(idempotency.key, { bodyHash: idempotency.bodyHash, revision })
    if (reverses !== null) this.reversed.set(reverses, { atMs, by })
    for (const line of lines) {
      if (reverses === null) this.sums.add(line, day)
      else this.sums.reverse(line, day)
    }
  }
}

/**
 * The offset entries of all sites as this process knows them: read at the start, what others commit within a second or so,
 * its own commits at once. Without the ledger it goes on with what it has; before the first reading it knows nothing.
 */
@Injectable()
export class OffsetBook implements OnModuleInit, OnModuleDestroy {
  private readonly log = new RareLog('Offsets')
  private readonly sites = new Map<string, SiteOffsets>()
  private isLoaded = false
  private isPolling = false
  private timer: NodeJS.Timeout | undefined

  constructor(@Inject(OFFSET_LEDGER) private readonly ledger: OffsetLedger) {}

  async onModuleInit(): Promise<void> {
    await within(this.poll(), START_LIMIT_MS, undefined)
    this.timer = setInterval(() => void this.poll(), POLL_EVERY_MS)
  }

  onModuleDestroy(): void {
    clearInterval(this.timer)
  }

  /** What to add to the counters of a site; null when that is not known, since without it a number could be any. */
  of(siteId: string): OffsetSums | null {
    return this.sites.get(siteId)?.sums ?? (this.isLoaded ? NO_OFFSETS : null)
  }

  /** Changes with every commit to the site that is in `of`. */
  revision(siteId: string): number {
    return this.sites.get(siteId)?.revision ?? 0
  }

  /** When and by whom an entry was reversed; null when it stands. */
  reversal(siteId: string, id: string): OffsetEntry['reversed'] {
    return this.sites.get(siteId)?.reversed.get(id) ?? null
  }

  /** What was committed under an `Idempotency-Key`. */
  committed(siteId: string, key: string): { readonly bodyHash: string; readonly revision: number } | undefined {
    return this.sites.get(siteId)?.idempotent.get(key)
  }

  /** Takes everything that was committed to the site before this call. Rejects when the ledger cannot be read. */
  async refresh(siteId: string): Promise<void> {
    for (;;) {
      const commits = await this.ledger.read(siteId, this.revision(siteId))
      if (commits.length === 0) return
      for (const commit of commits) this.take(commit)
    }
  }

  take(commit: OffsetCommit): void {
    let site = this.sites.get(commit.siteId)
    if (site === undefined) this.sites.set(commit.siteId, (site = new SiteOffsets()))
    site.take(commit)
  }

  /** Reads the sites that have moved on, and drops those that were erased. */
  private async poll(): Promise<void> {
    if (this.isPolling) return
    this.isPolling = true
    try {
      const known = [...this.sites.keys()]
      const heads = await this.ledger.heads()
      for (const siteId of known) if (!heads.has(siteId)) this.sites.delete(siteId)
      for (const [siteId, head] of heads) if (head > this.revision(siteId)) await this.refresh(siteId)
      this.isLoaded = true
    } catch (error) {
      this.log.warn('The offset entries cannot be read, those known are shown', error)
    } finally {
      this.isPolling = false
    }
  }
}
