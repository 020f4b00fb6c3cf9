import { setTimeout as wait } from 'node:timers/promises'
import {
  bucketDrifts,
  bucketsOfDays,
  type Drift,
  DRIFT_PERIODS,
  largestDrifts,
  storeCut,
  TOTAL_BUCKET,
  unaccounted,
  UNITS,
  viewDrifts,
  WHOLE_STORE,
} from '#domain'
import type { CounterReader, Counters, EventStore, RecountSource } from '#ports'

export interface ReconcilerPorts {
  readonly counters: Pick<Counters, 'sites' | 'tally'>
  readonly reader: CounterReader
  readonly store: Pick<EventStore, 'position'>
  readonly source: RecountSource
}

export interface PartitionReport {
  readonly partition: number
  readonly sites: number
  /** How many numbers were compared. */
  readonly counters: number
  readonly drifts: readonly Drift[]
  /** Records that the state passed without a known outcome (negative: with more than one); 0 is right. */
  readonly unaccounted: number
}

/** What can drift: counters, by period, and the tally of the records. */
export const DRIFT_KINDS = [...DRIFT_PERIODS, 'records'] as const

/** By size, what a report found at most of each kind. */
export type DriftSizes = Readonly<Record<(typeof DRIFT_KINDS)[number], number>>

export function driftSizes({ drifts, unaccounted }: Pick<PartitionReport, 'drifts' | 'unaccounted'>): DriftSizes {
  return { ...largestDrifts(drifts), records: Math.abs(unaccounted) }
}

export interface ReconcilerOptions {
  /** How long one group may be behind the other before a partition is given up. */
  readonly patienceMs?: number
  /** What drifts is read once more after this. */
  readonly againAfterMs?: number
}

/** A reading of some counters of one site, to be compared with the store at the offset where it was made. */
interface Page {
  readonly counters: number
  readonly next: number
  drifts(): Promise<Drift[]>
}

/** Buckets of one reading: it is one call, and Redis serves nobody else meanwhile. */
const BUCKETS_AT_ONCE = 1000
/** Pages in memory, for which the store is waited for together: it takes rows once a second. */
const PAGES_AT_ONCE = 100
const LOOK_EVERY_MS = 200
const NOBODY_ONLINE = { onlineAfter: 0, onlineUntil: 0 }

/**
 * Compares every counter of a partition with the store, each page of them at the offset where it was read (`next`), and the
 * records that the state passed with what became of each: `next - base` is the sum of all outcomes (pipeline 10).
 *
 * An erasure is the one thing that reaches back: rows before a cut may be gone from the store while the counters have yet to
 * come to it. So what drifts is read again when the counters have passed what the store had, and only what drifts then, too,
 * is reported.
 */
export class Reconciler {
  private readonly patienceMs: number
  private readonly againAfterMs: number

  constructor(
    private readonly ports: ReconcilerPorts,
    { patienceMs = 15_000, againAfterMs = 2000 }: ReconcilerOptions = {},
  ) {
    this.patienceMs = patienceMs
    this.againAfterMs = againAfterMs
  }

  /** Rejects when counters or store are away, or one stays behind the other: then nothing is said of the partition. */
  async check(partition: number, signal: AbortSignal = new AbortController().signal): Promise<PartitionReport> {
    const tally = await this.ports.counters.tally(partition)
    const sites = await this.sites(partition)
    const { counters, drifts } = await this.compared(partition, sites, signal)
    const report = { partition, sites: sites.length, counters, unaccounted: tally === null ? 0 : unaccounted(tally) }
    const suspects = [...new Set(drifts.map(({ site }) => site))]
    if (suspects.length === 0) return { ...report, drifts }
    await wait(this.againAfterMs, undefined, { signal })
    await this.countersReach(await this.ports.store.position(partition), suspects[0]!, signal)
    const again = await this.compared(partition, suspects, signal)
    return { ...report, drifts: again.drifts }
  }

  /** Of both sides, so that neither can miss a site unseen. */
  private async sites(partition: number): Promise<string[]> {
    const { counters, source } = this.ports
    const both = await Promise.all([counters.sites(partition), source.sites(partition)])
    return [...new Set(both.flat())].sort()
  }

  private async compared(partition: number, sites: readonly string[], signal: AbortSignal) {
    const total = { counters: 0, drifts: [] as Drift[] }
    let pages: Page[] = []
    const compare = async () => {
      await this.storeReaches(partition, Math.max(0, ...pages.map(({ next }) => next)), signal)
      for (const page of pages) {
        signal.throwIfAborted()
        total.drifts.push(...(await page.drifts()))
        total.counters += page.counters
      }
      pages = []
    }
    for await (const page of this.pages(sites, signal)) {
      pages.push(page)
      if (pages.length === PAGES_AT_ONCE) await compare()
    }
    if (pages.length > 0) await compare()
    return total
  }

  private async *pages(sites: readonly string[], signal: AbortSignal): AsyncGenerator<Page> {
    for (const site of sites) {
      signal.throwIfAborted()
      yield* this.bucketPages(site)
      yield* this.viewPages(site)
    }
  }

  /** A bucket that only the counters have is in their total, which is always asked. */
  private async *bucketPages(site: string): AsyncGenerator<Page> {
    const days = await this.ports.source.days(site, WHOLE_STORE)
    const names = [...new Set([TOTAL_BUCKET, ...bucketsOfDays(days).keys()])]
    for (let at = 0; at < names.length; at += BUCKETS_AT_ONCE) {
      yield this.bucketPage(site, names.slice(at, at + BUCKETS_AT_ONCE))
    }
  }

  private async bucketPage(site: string, buckets: readonly string[]): Promise<Page> {
    const { reader, source } = this.ports
    const reading = await reader.read(site, { buckets, ...NOBODY_ONLINE })
    const counted = new Map(buckets.map((bucket, n) => [bucket, reading.buckets[n]!]))
    const stored = async () => bucketsOfDays(await source.days(site, storeCut(reading)))
    return {
      counters: buckets.length * UNITS.length,
      next: reading.next,
      drifts: async () => bucketDrifts(site, counted, await stored()),
    }
  }

  private async *viewPages(site: string): AsyncGenerator<Page> {
    for (let last: string | undefined = ''; ;) {
      const paths = await this.ports.source.pathsAfter(site, last)
      last = paths.at(-1)
      if (last === undefined) return
      yield this.viewPage(site, paths)
    }
  }

  private async viewPage(site: string, paths: readonly string[]): Promise<Page> {
    const { reader, source } = this.ports
    const reading = await reader.views(site, paths)
    const counted = new Map(paths.map((path, n) => [path, reading.views[n]!]))
    return {
      counters: paths.length,
      next: reading.next,
      drifts: async () => viewDrifts(site, counted, await source.viewsAt(site, paths, storeCut(reading))),
    }
  }

  private storeReaches(partition: number, next: number, signal: AbortSignal): Promise<void> {
    return this.reach('The store is', next, () => this.ports.store.position(partition), signal)
  }

  private countersReach(next: number, site: string, signal: AbortSignal): Promise<void> {
    const now = async () => (await this.ports.reader.read(site, { buckets: [], ...NOBODY_ONLINE })).next
    return this.reach('The counters are', next, now, signal)
  }

  private async reach(who: string, next: number, now: () => Promise<number>, signal: AbortSignal): Promise<void> {
    const endMs = performance.now() + this.patienceMs
    for (;;) {
      const at = await now()
      if (at >= next) return
      if (performance.now() > endMs) throw new Error(`${who} at offset ${at}, not yet at ${next}`)
      await wait(LOOK_EVERY_MS, undefined, { signal })
    }
  }
}
