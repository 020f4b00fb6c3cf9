import type { FeedState } from './feed-state.js'
import { labelsFor } from './labels.js'
import { countText, DASH, odometerCells } from './number-text.js'
import type { WidgetOptions } from './options.js'

/** Everything a widget shows, as text. */
export interface WidgetModel {
  heading: string
  /** undefined when the total is not asked for. `label` is what a screen reader says instead of the cells. */
  total: { cells: string[]; label: string } | undefined
  lines: { field: string; label: string; value: string }[]
  /** Since when the numbers stand, empty while they are fresh. */
  note: string
  language: string
  state: 'loading' | 'failed' | 'fresh' | 'stale'
}

// A number that is still on its way. It keeps its place and claims nothing.
const PENDING = '…'
const PENDING_CELL = '\u00a0'

/** `16:31` of an RFC 3339 time, in the zone it is written in: the site's (contract section 4). */
export function clockTime(asOf: unknown): string {
  const found = /T(\d\d:\d\d)/.exec(String(asOf))
  return found ? String(found[1]) : ''
}

/** What to show for the options and what is known; undefined for a site that does not exist, which shows nothing. */
export function widgetModel(options: WidgetOptions, known: FeedState): WidgetModel | undefined {
  if (known.kind === 'unknown-site') return undefined
  const labels = labelsFor(options.lang)
  const loading = known.kind === 'loading'
  const numbers = known.kind === 'known' ? known.numbers : {}
  const stale = numbers['stale'] === true
  const textOf = (field: string) => (loading ? PENDING : countText(numbers[field], labels.locale))
  const time = stale ? clockTime(numbers['asOf']) : ''
  const cells = odometerCells(numbers['total'], options.digits, loading ? PENDING_CELL : DASH)
  return {
    heading: options.heading === null ? labels.heading : options.heading,
    total: options.showsTotal ? { cells, label: `${labels.total}: ${textOf('total')}` } : undefined,
    lines: options.lines.map((field) => ({ field, label: labels[field], value: textOf(field) })),
    note: time && `${labels.asOf} ${time}`,
    language: labels.locale,
    state: known.kind === 'known' ? (stale ? 'stale' : 'fresh') : known.kind,
  }
}
