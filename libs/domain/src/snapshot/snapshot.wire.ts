import { createHash } from 'node:crypto'
import { isoInZone } from '../calendar/zone.js'
import type { Site } from '../site/site.js'
import type { ShownNumbers } from './snapshot.js'

/** Seconds for which an answer may be shown without asking again (contract section 4). */
export const FRESH_TTL_SECONDS = 15
export const STALE_TTL_SECONDS = 5

/** A body of the widget door with the validator that belongs to it. */
export interface WireAnswer {
  readonly body: string
  /** Weak: two answers with one tag differ at most in `asOf`. */
  readonly etag: string
}

export interface ShownState {
  readonly asOfMs: number
  readonly stale: boolean
}

/** Body of `GET /w/{site}.json` (contract section 4); `views` belongs to `?p=` and is absent when not asked or not known. */
export function widgetAnswer(
  site: Site,
  numbers: ShownNumbers,
  state: ShownState & { readonly views?: number },
): WireAnswer {
  const { online, today, yesterday, week, month, year, total } = numbers
  const body = {
    v: 1,
    site: site.id,
    tz: site.timeZone,
    unit: site.unit,
    asOf: isoInZone(site.timeZone, Math.floor(state.asOfMs / 1000)),
    ttl: state.stale ? STALE_TTL_SECONDS : FRESH_TTL_SECONDS,
    online,
    onlineWindow: site.onlineWindowSeconds,
    today,
    yesterday,
    week,
    month,
    year,
    total,
    ...(state.views === undefined ? {} : { views: state.views }),
    ...(state.stale ? { stale: true } : {}),
  }
  return { body: JSON.stringify(body), etag: weakTag({ ...body, asOf: undefined }) }
}

/** Body of `GET /w/{site}/views`: keyed as asked, in the order asked; a path whose views are not known is left out. */
export function viewsAnswer(site: Site, views: ReadonlyMap<string, number>, state: ShownState): WireAnswer {
  // Not an object: a key may be named __proto__.
  const pairs = [...views].map(([asked, count]) => `${JSON.stringify(asked)}:${count}`).join(',')
  const asOf = isoInZone(site.timeZone, Math.floor(state.asOfMs / 1000))
  const stale = state.stale ? ',"stale":true' : ''
  return { body: `{"v":1,"asOf":"${asOf}","views":{${pairs}}${stale}}`, etag: weakTag([pairs, state.stale]) }
}

/** A weak tag over whatever decides what is shown; `undefined` in it counts for nothing. */
export function weakTag(shown: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22)}"`
}
