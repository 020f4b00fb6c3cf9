import { Inject, Injectable } from '@nestjs/common'
import {
  type CalendarNumbers,
  exactNumbers,
  isStale,
  type OffsetSums,
  ProblemError,
  type Site,
  snapshotOf,
  snapshotQuery,
} from '#domain'
import { CLOCK, type Clock, within } from '#ports'
import { CounterSource } from '../widget/counter-source.js'
import { breathe } from './breathe.js'

const PATIENCE_MS = 5000
const PATHS_AT_ONCE = 2000
/** Contract section 5: no entry is made or reversed while the numbers are stale. */
const UNKNOWN = { code: 'numbers_unknown', retryAfter: 5 } as const

/** The calendar numbers of a site at this moment, and the local day that `today` is. */
export interface NumbersAtDay {
  readonly day: number
  readonly numbers: CalendarNumbers
}

/**
 * The displayed numbers as the counters say them now, not as somebody read them half a second ago: an entry is reckoned from
 * them, so a number that came in between would be lost in it.
 */
@Injectable()
export class NumbersNow {
  constructor(
    @Inject(CounterSource) private readonly counters: CounterSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `numbers_unknown` while the counters cannot be read or are stale; so does `views`. */
  async numbers(site: Site, offsets: OffsetSums): Promise<NumbersAtDay> {
    const query = snapshotQuery(site, this.clock.now())
    const snapshot = snapshotOf(query.day, await this.fresh(this.counters.read(site.id, query)))
    return { day: query.day, numbers: exactNumbers(snapshot, site, offsets) }
  }

  /** Displayed views of each path; to be asked for these only. */
  async views(site: Site, paths: ReadonlySet<string>, offsets: OffsetSums): Promise<(path: string) => number> {
    const asked = [...paths]
    const displayed = new Map<string, number>()
    for (let at = 0; at < asked.length; at += PATHS_AT_ONCE) {
      const slice = asked.slice(at, at + PATHS_AT_ONCE)
      const { views } = await this.fresh(this.counters.views(site.id, slice))
      for (const [n, path] of slice.entries()) displayed.set(path, views[n]! + offsets.ofPath(path))
      await breathe()
    }
    return (path) => displayed.get(path)!
  }

  private async fresh<T extends { readonly asOfMs: number }>(read: Promise<T>): Promise<T> {
    const reading = await within(read, PATIENCE_MS, null)
    if (reading === null || isStale(reading.asOfMs, this.clock.now())) throw new ProblemError(UNKNOWN)
    return reading
  }
}
