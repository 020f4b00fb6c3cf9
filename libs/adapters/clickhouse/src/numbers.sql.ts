/**
 * Copies of one id may differ in their day, by at most 48 h of `at`, 72 h in which a repeat is recognised, 24 h in a
 * collector's disk and a day of zone (contract section 1). So an id is judged among the rows this near.
 */
export const COPY_SPREAD_DAYS = 7

/** Earlier than any timeout before any instant: the first point of a key starts a run. */
const NEVER = '-1000000000'

/** Which raw events a statement is about, as two conditions on `events`. */
export interface RawDays {
  /** Where the rows come from; `events` unless said. */
  readonly from?: string
  /** What is looked at to tell copies: the days asked for and `COPY_SPREAD_DAYS` around them. */
  readonly near: string
  /** What counts. */
  readonly days: string
}

/** Days from parameters, of one site or partition. */
export const asked = (of: string): RawDays => ({
  near: `${of} AND day BETWEEN {firstNear:Date} AND {lastNear:Date}`,
  days: 'day BETWEEN {firstDay:Date} AND {lastDay:Date}',
})

export const OF_SITE = 'site = {site:String}'
export const OF_PARTITION = 'log_partition = {partition:UInt32}'

/**
 * Page views, visits and visitors by (partition, site, day) of raw events (contract section 1).
 * - Of the copies of one id the lowest offset counts; a leave is none.
 * - A visitor lives in one local day, so runs are looked for within (site, day, visitor).
 * - Of points in one second the smallest timeout comes first, so the answer does not depend on their order.
 */
export const dayNumbersSql = ({ from = 'events', near, days }: RawDays): string => `
WITH counted AS (
  SELECT * FROM (
    SELECT log_partition, site, type, toInt64(toUnixTimestamp(t)) AS second, day, visitor, visit_timeout, entry,
      ${days} AS is_asked
    FROM ${from}
    WHERE type IN ('view', 'event') AND ${near}
    ORDER BY log_offset
    LIMIT 1 BY site, id
  )
  WHERE is_asked
), points AS (
  SELECT log_partition, site, type, day, visitor, entry,
    second - lagInFrame(second, 1, ${NEVER}) OVER (
      PARTITION BY site, day, visitor ORDER BY second, visit_timeout ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) > visit_timeout AS starts
  FROM counted
)
SELECT log_partition, site, day,
  countIf(type = 'view') AS pageviews,
  countIf(isNotNull(visitor) AND starts) + countIf(isNull(visitor) AND type = 'view' AND entry) AS visits,
  uniqExactIf(visitor, isNotNull(visitor)) AS visitors
FROM points GROUP BY log_partition, site, day`

/**
 * Views by (partition, site, day, path) of raw events (contract section 1): runs of one visitor's views with 1,800 s, and
 * each view without visitor.
 */
export const dayViewsSql = ({ from = 'events', near, days }: RawDays): string => `
WITH counted AS (
  SELECT * FROM (
    SELECT log_partition, site, type, toInt64(toUnixTimestamp(t)) AS second, day, visitor, path,
      ${days} AS is_asked
    FROM ${from}
    WHERE type IN ('view', 'event') AND ${near}
    ORDER BY log_offset
    LIMIT 1 BY site, id
  )
  WHERE type = 'view' AND is_asked
), points AS (
  SELECT log_partition, site, day, path, visitor,
    second - lagInFrame(second, 1, ${NEVER}) OVER (
      PARTITION BY site, day, path, visitor ORDER BY second ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) > 1800 AS starts
  FROM counted
)
SELECT log_partition, site, day, path, countIf(isNull(visitor) OR starts) AS views
FROM points GROUP BY log_partition, site, day, path`

/** Sums over the days of one site: sealed rows up to `sealedTo`, raw events from `firstDay` on. */
export const NUMBERS_SQL = `
SELECT sum(pageviews) AS pageviews, sum(visits) AS visits, sum(visitors) AS visitors
FROM (
  SELECT pageviews, visits, visitors FROM sealed_days FINAL
  WHERE ${OF_SITE} AND day BETWEEN {sealedFrom:Date} AND {sealedTo:Date} AND {anySealed:Bool}
  UNION ALL
  SELECT pageviews, visits, visitors FROM (${dayNumbersSql(asked(OF_SITE))})
)`

const ASKED_PATHS = `(
  SELECT id FROM events
  WHERE ${OF_SITE} AND type = 'view' AND day >= {firstNear:Date} AND path IN {paths:Array(String)}
)`

/** Views of each asked path of one site, ever. `place` is the path's index among those asked for, from 1. */
export const VIEWS_SQL = viewsSql('true')

const BEFORE = 'log_offset < {before:UInt64}'

/** The same of what lies before an offset; sealed days must have been closed at it. */
export const VIEWS_BEFORE_SQL = viewsSql(BEFORE)

function viewsSql(rows: string): string {
  const near = `${OF_SITE} AND day >= {firstNear:Date} AND id IN ${ASKED_PATHS} AND ${rows}`
  return `
SELECT indexOf({paths:Array(String)}, path) AS place, sum(views) AS views
FROM (
  SELECT path, views FROM sealed_paths FINAL
  WHERE ${OF_SITE} AND path IN {paths:Array(String)} AND day <= {sealedTo:Date} AND {anySealed:Bool}
  UNION ALL
  SELECT path, views FROM (${dayViewsSql({ near, days: 'day >= {firstDay:Date} AND path IN {paths:Array(String)}' })})
)
GROUP BY place`
}

/** The numbers of every day of one site that has any, of what lies before an offset; sealed days as above. */
export const DAYS_BEFORE_SQL = `
SELECT toUInt16(day) AS dayNumber, pageviews, visits, visitors
FROM (
  SELECT day, pageviews, visits, visitors FROM sealed_days FINAL
  WHERE ${OF_SITE} AND day <= {sealedTo:Date} AND {anySealed:Bool}
  UNION ALL
  SELECT day, pageviews, visits, visitors FROM (${dayNumbersSql({
    near: `${OF_SITE} AND day >= {firstNear:Date} AND ${BEFORE}`,
    days: 'day >= {firstDay:Date}',
  })})
)`

/** The sites of one partition, and the viewed paths of one site after a path, a page of them. */
export const SITES_SQL = `
SELECT DISTINCT site FROM (
  SELECT site FROM sealed_days WHERE ${OF_PARTITION} AND day <= {sealedTo:Date} AND {anySealed:Bool}
  UNION ALL
  SELECT site FROM events WHERE ${OF_PARTITION} AND type IN ('view', 'event') AND day >= {firstDay:Date}
)`

export const pathsAfterSql = (most: number): string => `
SELECT DISTINCT path FROM (
  SELECT path FROM sealed_paths
  WHERE ${OF_SITE} AND path > {path:String} AND day <= {sealedTo:Date} AND {anySealed:Bool}
  UNION ALL
  SELECT path FROM events
  WHERE ${OF_SITE} AND path > {path:String} AND type = 'view' AND day >= {firstDay:Date}
)
ORDER BY path LIMIT ${most}`
