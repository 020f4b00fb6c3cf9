import { Inject, Injectable } from '@nestjs/common'
import { type CounterValues, slotDays } from '#domain'
import { CLOCK, type Clock, EVENT_STORE, type EventStore } from '#ports'
import { BatchRead } from './batch-read.js'
import { SharedRead } from './shared-read.js'

/** A dead store makes a reader wait this long once, and is asked again every few seconds. */
const STORE_LIMIT_MS = 2000
const STORE_EVERY_MS = 5000

/** Numbers of one local day on, in the order of the snapshot's slots. */
export interface StoredSlots {
  readonly day: number
  readonly values: readonly CounterValues[]
  /** Everything in the log up to this instant is in them, ms. */
  readonly asOfMs: number
}

/** Views of paths, with the same promise. */
export interface StoredViews {
  readonly views: ReadonlyMap<string, number>
  readonly asOfMs: number
}

interface Read<T> {
  readonly value: T
  readonly readAtMs: number
}

interface SiteReads {
  latest: Read<StoredSlots> | null
  readonly numbers: SharedRead<StoredSlots>
  readonly views: BatchRead<StoredViews>
}

/** Asks the store for what the last known numbers lack (contract section 4), seldom, and never for long. */
@Injectable()
export class StoreFallback {
  private readonly sites = new Map<string, SiteReads>()

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The store's numbers at a local day, up to 5 s old while it answers; null when it never said them. */
  async numbers(siteId: string, day: number): Promise<StoredSlots | null> {
    const reads = this.reads(siteId)
    const nowMs = this.clock.now()
    const known = reads.latest?.value.day === day ? reads.latest : null
    if (known !== null && nowMs >= known.readAtMs && nowMs < known.readAtMs + STORE_EVERY_MS) return known.value
    const landed = await reads.numbers.get(nowMs, () => this.read(siteId, day, reads))
    return landed?.day === day ? landed : (known?.value ?? null)
  }

  /** The store's views, perhaps of more paths than asked; null when it cannot say. */
  views(siteId: string, paths: readonly string[]): Promise<StoredViews | null> {
    return this.reads(siteId).views.get(paths)
  }

  /** Forgets all sites but those. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const siteId of this.sites.keys()) if (!isKept(siteId)) this.sites.delete(siteId)
  }

  private async read(siteId: string, day: number, reads: SiteReads): Promise<StoredSlots> {
    const readAtMs = this.clock.now()
    const asOfMs = await this.storedUntil(siteId)
    const spans = slotDays(day)
    const values = await Promise.all(spans.map(({ fromDay, toDay }) => this.store.numbers(siteId, fromDay, toDay)))
    const value = { day, values, asOfMs }
    reads.latest = { value, readAtMs }
    return value
  }

  private async readViews(siteId: string, paths: readonly string[]): Promise<StoredViews> {
    const asOfMs = await this.storedUntil(siteId)
    return { views: await this.store.views(siteId, paths), asOfMs }
  }

  /** Asked before the numbers, which may be newer. A store in which nothing is has no answer: the log may hold what it lacks. */
  private async storedUntil(siteId: string): Promise<number> {
    const asOfMs = await this.store.storedUntil(siteId)
    if (asOfMs === null) throw new Error('Nothing is stored yet.')
    return asOfMs
  }

  private reads(siteId: string): SiteReads {
    let reads = this.sites.get(siteId)
    if (reads === undefined) this.sites.set(siteId, (reads = this.newReads(siteId)))
    return reads
  }

  private newReads(siteId: string): SiteReads {
    const numbers = new SharedRead<StoredSlots>({ patienceMs: STORE_LIMIT_MS, retryMs: STORE_EVERY_MS })
    const views = new BatchRead<StoredViews>(
      { readLimitMs: STORE_LIMIT_MS, retryMs: STORE_EVERY_MS },
      () => this.clock.now(),
      (paths) => this.readViews(siteId, paths),
    )
    return { latest: null, numbers, views }
  }
}
