import { COPY_SPREAD_DAYS, dayNumbersSql, dayViewsSql, type RawDays } from './numbers.sql.js'

/** Last sealed day of every partition that has one. */
const SEALED = 'SELECT log_partition, max(through) AS sealed_through FROM seals GROUP BY log_partition'

/** No partition's open days begin before this; only for the index, each row is then asked by its own partition's seal. */
const ALL_OPEN = `
  SELECT min(sealed_through) FROM (
    SELECT DISTINCT log_partition FROM positions
  ) AS known LEFT JOIN (${SEALED}) AS sealed USING log_partition`

/** Raw events of days that are not sealed; a partition without a seal joins 1970-01-01. */
const OPEN: RawDays = {
  from: `events LEFT JOIN (${SEALED}) AS sealed USING log_partition`,
  near: `toUInt32(day) + ${COPY_SPREAD_DAYS} > toUInt32(sealed_through)
      AND day >= toDate(greatest(toInt32((${ALL_OPEN})) - ${COPY_SPREAD_DAYS}, 0))`,
  days: 'day > sealed_through',
}

const isSealed = (table: string) => `${table} FINAL INNER JOIN (${SEALED}) AS sealed USING log_partition
  WHERE day <= sealed_through`

const UNITS = 'sum(pageviews) AS pageviews, sum(visits) AS visits, sum(visitors) AS visitors'
const period = (first: string, name: string) =>
  `SELECT site, ${first} AS ${name}, ${UNITS} FROM site_days GROUP BY site, ${name}`
const week = (weekStart: string, mode: number) =>
  `SELECT site, '${weekStart}' AS week_start, toStartOfWeek(day, ${mode}) AS week, ${UNITS}
  FROM site_days GROUP BY site, week`

/**
 * The counters as SQL: sealed rows plus open days, each row equal to the widget at one cut (a period is named by its first
 * day). In the order in which they build on each other.
 */
export const VIEWS: readonly (readonly [name: string, sql: string])[] = [
  [
    'site_days',
    `SELECT site, day, pageviews, visits, visitors FROM ${isSealed('sealed_days')}
    UNION ALL SELECT site, day, pageviews, visits, visitors FROM (${dayNumbersSql(OPEN)})`,
  ],
  ['site_weeks', `${week('monday', 1)} UNION ALL ${week('sunday', 0)}`],
  ['site_months', period('toStartOfMonth(day)', 'month')],
  ['site_years', period('toStartOfYear(day)', 'year')],
  [
    'path_days',
    `SELECT site, day, path, views FROM ${isSealed('sealed_paths')}
    UNION ALL SELECT site, day, path, views FROM (${dayViewsSql(OPEN)})`,
  ],
  ['path_views', 'SELECT site, path, sum(views) AS views FROM path_days GROUP BY site, path'],
]
