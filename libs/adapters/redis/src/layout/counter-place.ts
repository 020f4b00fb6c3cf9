import type { CounterValues } from '#domain'

export interface CounterPlace {
  readonly chunk: string
  readonly field: string
}

/**
 * Where a bucket's counters lie. A month's days, weeks and the month itself share a hash: with three units at most 126 fields,
 * so it stays a listpack (11 bytes a field; 67 in one hash of all days). Years and the total share another.
 *
 *     d2026-11-24  -> 2026-11, d24        wm2026-11-23 -> 2026-11, wm23        m2026-11 -> 2026-11, m
 *     y2026        -> all, y2026          t            -> all, t
 */
export function counterPlace(bucket: string): CounterPlace {
  const [, kind, month, rest] = /^([a-z]+)(\d+-\d\d)(?:-(\d\d))?$/.exec(bucket) ?? []
  return month === undefined ? { chunk: 'all', field: bucket } : { chunk: month, field: `${kind}${rest ?? ''}` }
}

/** The field of one unit: letters of units are not digits, so they end the name. */
export const unitField = (field: string, unit: keyof CounterValues): string =>
  `${field}:${{ pageviews: 'p', visits: 's', visitors: 'v' }[unit]}`
