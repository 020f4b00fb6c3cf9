import { Inject, Injectable } from '@nestjs/common'
import {
  completedFromStore,
  isStale,
  isWholeFor,
  localDay,
  numbersOf,
  type ShownNumbers,
  type Site,
  type Snapshot,
  snapshotOf,
  snapshotQuery,
} from '#domain'
import { CLOCK, type Clock } from '#ports'
import { OffsetBook } from '../offsets/offset-book.js'
import { CounterSource } from './counter-source.js'
import { LastKnown } from './last-known.js'
import { SharedRead } from './shared-read.js'
import { StoreFallback } from './store-fallback.js'

/** Readers share one reading for half of what contract section 4 allows: its p99 of 1 s is from receipt to reader. */
export const SHARED_FOR_MS = 500
export const COUNTER_LIMITS = { patienceMs: 1000, retryMs: 1000 } as const

/** What the counters, or who stands in for them, say of a site. */
interface MeasuredSnapshot {
  readonly snapshot: Snapshot
  readonly stale: boolean
  /** When it was read, the process's clock, ms: it may be shown to others for `SHARED_FOR_MS`, on the same local day. */
  readonly readAtMs: number
}

/** A snapshot to show. */
export interface KnownSnapshot extends MeasuredSnapshot {
  /** THE numbers of every form of the widget: measured and carried over. */
  readonly numbers: ShownNumbers
  /** Whether the offset entries in them are those of now: an answer that is shown to others must not outlive them. */
  isCurrent(): boolean
}

interface Reading {
  readonly snapshot: Snapshot
  readonly readAtMs: number
}

class SiteReadings {
  latest: Reading | undefined
  askedAtMs = Number.NEGATIVE_INFINITY
  readonly counters = new SharedRead<Reading>(COUNTER_LIMITS)
}

/** Whether what was read at `readAtMs` for the local day `day` may still be shown: it is young and the day is not over. */
export function isShowable(
  read: { readonly readAtMs: number; readonly day: number },
  timeZone: string,
  nowMs: number,
): boolean {
  const ageMs = nowMs - read.readAtMs
  return ageMs >= 0 && ageMs < SHARED_FOR_MS && localDay(timeZone, Math.floor(nowMs / 1000)) === read.day
}

/** The numbers of every site as the widget shows them; never a zero that is not a count (contract section 4). */
@Injectable()
export class Snapshots {
  private readonly sites = new Map<string, SiteReadings>()

  constructor(
    @Inject(CounterSource) private readonly counters: CounterSource,
    @Inject(LastKnown) private readonly lastKnown: LastKnown,
    @Inject(StoreFallback) private readonly store: StoreFallback,
    @Inject(OffsetBook) private readonly offsets: OffsetBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The counters' numbers, at most `SHARED_FOR_MS` old, while they cannot be read the last known ones, with the offset entries
   * of now; null when none ever were known, or the offset entries are not.
   */
  async of(site: Site): Promise<KnownSnapshot | null> {
    const measured = await this.measured(site)
    const offsets = this.offsets.of(site.id)
    if (measured === null || offsets === null) return null
    const numbers = numbersOf(measured.snapshot, site, offsets)
    const revision = this.offsets.revision(site.id)
    return { ...measured, numbers, isCurrent: () => this.offsets.revision(site.id) === revision }
  }

  private async measured(site: Site): Promise<MeasuredSnapshot | null> {
    // A reading that was asked for before midnight is not for who asks after it: those read once more.
    for (let turn = 0; turn < 2; turn++) {
      const reading = await this.reading(site)
      if (reading === null) break
      const nowMs = this.clock.now()
      if (reading.snapshot.day === dayAt(site, nowMs))
        return { ...reading, stale: isStale(reading.snapshot.asOfMs, nowMs) }
    }
    return this.lastKnownOf(site)
  }

  /** Forgets all sites but those. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const siteId of this.sites.keys()) if (!isKept(siteId)) this.sites.delete(siteId)
  }

  /** Age of the oldest numbers among those of sites asked for within the last minute, seconds; 0 when there are none. */
  oldestAgeSeconds(): number {
    const nowMs = this.clock.now()
    let oldestMs = 0
    for (const [siteId, { askedAtMs }] of this.sites) {
      const snapshot = nowMs - askedAtMs < 60_000 ? this.lastKnown.snapshot(siteId) : null
      if (snapshot !== null) oldestMs = Math.max(oldestMs, nowMs - snapshot.asOfMs)
    }
    return oldestMs / 1000
  }

  private async reading(site: Site): Promise<Reading | null> {
    const readings = this.readings(site.id)
    const nowMs = this.clock.now()
    readings.askedAtMs = nowMs
    const { latest } = readings
    if (latest !== undefined && isShowable({ ...latest, day: latest.snapshot.day }, site.timeZone, nowMs)) return latest
    return readings.counters.get(nowMs, () => this.read(site, readings))
  }

  private async read(site: Site, readings: SiteReadings): Promise<Reading> {
    const readAtMs = this.clock.now()
    const query = snapshotQuery(site, readAtMs)
    const answer = await this.counters.read(site.id, query)
    const reading = { snapshot: snapshotOf(query.day, answer), readAtMs }
    if (readings.latest !== undefined && readings.latest.readAtMs > readAtMs) return reading
    readings.latest = reading
    this.lastKnown.keepSnapshot(site.id, reading.snapshot)
    return reading
  }

  private async lastKnownOf(site: Site): Promise<MeasuredSnapshot | null> {
    const day = dayAt(site, this.clock.now())
    const last = this.lastKnown.snapshot(site.id)
    const snapshot = isWholeFor(last, day) ? last : await this.completed(site.id, last, day)
    return snapshot && { snapshot, stale: true, readAtMs: this.clock.now() }
  }

  /** The store is asked for what is lacking; if it cannot say, the last numbers are shown as they were at their `asOf`. */
  private async completed(siteId: string, last: Snapshot | null, day: number): Promise<Snapshot | null> {
    const stored = await this.store.numbers(siteId, day)
    if (stored === null) return last
    const completed = completedFromStore(last, stored, day)
    if (last === null || last.online === null) this.lastKnown.keepSnapshot(siteId, completed)
    return completed
  }

  private readings(siteId: string): SiteReadings {
    let readings = this.sites.get(siteId)
    if (readings === undefined) this.sites.set(siteId, (readings = new SiteReadings()))
    return readings
  }
}

function dayAt(site: Site, nowMs: number): number {
  return localDay(site.timeZone, Math.floor(nowMs / 1000))
}
