import type { LineField } from './labels.js'

/** What the attributes of a widget ask for. */
export interface WidgetOptions {
  site: string
  api: string
  showsTotal: boolean
  lines: LineField[]
  digits: number
  /** 0 = the numbers are fetched once. */
  refreshMs: number
  /** Of the element or the nearest one around it. */
  lang: string | null
  /** null = the usual one; an empty one means that there is none. */
  heading: string | null
}

/** The attributes that `readOptions` looks at. */
export const ATTRIBUTES = ['site', 'api', 'show', 'digits', 'refresh', 'lang', 'heading']

const FIELDS = new Set(['online', 'today', 'yesterday', 'week', 'month', 'year'])
const DEFAULT_SHOW = 'total,online,week,month,year'

function readNumber(attribute: string | null, usual: number): number {
  const number = parseFloat(attribute || '')
  return number >= 0 ? number : usual
}

/** Milliseconds between requests from `refresh` in seconds: 60 unless given, at least 15, at most a day, 0 = off. */
export function readRefreshMs(attribute: string | null): number {
  const seconds = readNumber(attribute, 60)
  return seconds && Math.min(Math.max(seconds, 15), 86_400) * 1000
}

/**
 * The options of a widget. Names in `show` that it does not know are passed over.
 *
 * @param read gives the value of an attribute, null when absent
 */
export function readOptions(
  read: (name: string) => string | null,
  defaults: { site: string; api: string },
): WidgetOptions {
  const shown = (read('show') || DEFAULT_SHOW).split(',').map((name) => name.trim())
  return {
    site: read('site') || defaults.site,
    api: (read('api') || defaults.api).replace(/\/$/, ''),
    showsTotal: shown.includes('total'),
    lines: shown.filter((name, index) => FIELDS.has(name) && shown.indexOf(name) === index) as LineField[],
    digits: Math.min(Math.max(Math.floor(readNumber(read('digits'), 9)), 1), 12),
    refreshMs: readRefreshMs(read('refresh')),
    lang: read('lang'),
    heading: read('heading'),
  }
}
