import {
  addCounts,
  addTallies,
  type BatchPlan,
  type CounterValues,
  dayClosesAtMs,
  type IdKey,
  idDayClosesAtMs,
  idDayOf,
  NO_COUNTS,
  NO_TALLY,
  type Operations,
  type Records,
  type RunKey,
  type Tally,
} from '#domain'
import { IdTable } from './id-table.js'
import { OnlineTable } from './online-table.js'
import { RunTable } from './run-table.js'

/** Run records of one site in one local day. */
export class DayTables {
  readonly visits = new RunTable(2)
  readonly paths = new RunTable(4)

  of(key: RunKey): RunTable {
    return key.pathHigh === 0 && key.pathLow === 0 ? this.visits : this.paths
  }
}

/** What one site has, besides its days. */
export class SiteState {
  readonly counters = new Map<string, CounterValues>()
  readonly views = new Map<string, number>()
  readonly online = new OnlineTable()
  /** By UTC day of the log, see expiry.ts of the domain. */
  readonly ids = new Map<number, IdTable>()
  readonly days = new Map<number, DayTables>()
  readonly changedBuckets = new Set<string>()
  readonly changedPaths = new Set<string>()

  idTable(idDay: number): IdTable {
    return made(this.ids, idDay, () => new IdTable())
  }

  dayTables(day: number): DayTables {
    return made(this.days, day, () => new DayTables())
  }

  remembers(id: IdKey): boolean {
    for (const table of this.ids.values()) if (table.has(id.words)) return true
    return false
  }
}

/** The whole state of one partition in memory: what the reducer's records and the counters are at `next`. */
export class PartitionState {
  readonly sites = new Map<string, SiteState>()
  /** Sites erased since the last checkpoint, of which the disk still has records. */
  readonly erased = new Set<string>()
  next: number | null = null
  /** Where it was begun, and what became of the records since. */
  base = 0
  tally: Tally = NO_TALLY
  savedNext: number | null = null
  /** How many checkpoints were taken of it. */
  checkpoints = 0
  streamTimeMs = 0
  caughtUpAtMs = 0

  site(siteId: string): SiteState {
    return made(this.sites, siteId, () => new SiteState())
  }

  load(plan: BatchPlan): Records {
    return {
      runs: plan.runs.map((key) => {
        const tables = this.site(key.site).dayTables(key.day).of(key)
        return tables.get(key.visitorHigh, key.visitorLow, key.pathHigh, key.pathLow)
      }),
      known: plan.ids.map((id) => this.site(id.site).remembers(id)),
    }
  }

  apply(operations: Operations, next: number): void {
    const { plan } = operations
    for (const siteId of operations.erased) this.erase(siteId)
    this.streamTimeMs = Math.max(this.streamTimeMs, operations.streamTimeMs)
    for (const slot of operations.changedRuns) {
      const key = plan.runs[slot]
      const table = this.site(key.site).dayTables(key.day).of(key)
      table.set(key.visitorHigh, key.visitorLow, key.pathHigh, key.pathLow, operations.runs[slot])
    }
    const idDay = idDayOf(this.streamTimeMs)
    for (const slot of operations.newIds) this.site(plan.ids[slot].site).idTable(idDay).add(plan.ids[slot].words)
    for (const raise of operations.online) this.site(raise.site).online.raise(raise.onlineId, raise.t)
    for (const { site, bucket, ...delta } of operations.counters) addTo(this.site(site), bucket, delta)
    for (const { site, path, delta } of operations.views) {
      const state = this.site(site)
      state.views.set(path, (state.views.get(path) ?? 0) + delta)
      state.changedPaths.add(path)
    }
    this.tally = addTallies(this.tally, operations.outcomes)
    this.next = next
  }

  values(siteId: string, bucket: string): CounterValues {
    return this.sites.get(siteId)?.counters.get(bucket) ?? NO_COUNTS
  }

  private erase(siteId: string): void {
    this.sites.delete(siteId)
    this.erased.add(siteId)
  }

  /** Drops what nothing can reach any more, by stream time; tells what went. */
  expire(): { days: number[]; idDays: number[] } {
    const sites = [...this.sites.values()]
    return {
      days: dropped(
        sites,
        (site) => site.days,
        (day) => isDayClosed(day, this.streamTimeMs),
      ),
      idDays: dropped(
        sites,
        (site) => site.ids,
        (idDay) => isIdDayClosed(idDay, this.streamTimeMs),
      ),
    }
  }
}

function dropped(
  sites: readonly SiteState[],
  of: (site: SiteState) => Map<number, unknown>,
  isClosed: (day: number) => boolean,
): number[] {
  const days = new Set(sites.flatMap((site) => [...of(site).keys()]).filter(isClosed))
  for (const site of sites) for (const day of days) of(site).delete(day)
  return [...days]
}

export function isDayClosed(day: number, streamTimeMs: number): boolean {
  return dayClosesAtMs(day) < streamTimeMs
}

export function isIdDayClosed(idDay: number, streamTimeMs: number): boolean {
  return idDayClosesAtMs(idDay) < streamTimeMs
}

function addTo(site: SiteState, bucket: string, delta: CounterValues): void {
  site.counters.set(bucket, addCounts(site.counters.get(bucket) ?? NO_COUNTS, delta))
  site.changedBuckets.add(bucket)
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
