/**
 * Copies of one id may differ in their day, by at most 48 h of `at`, 72 h in which a repeat is recognised, 24 h in a
 * collector's disk and a day of zone (contract section 1). So an id is judged among the rows this near.
 */
export const COPY_SPREAD_DAYS = 7

/** Earlier than any timeout before any instant: the first point of a key starts a run. */
const NEVER = '-1000000000'

/**
 * Page views, visits and visitors of one site, summed over local days (contract section 1).
 * - Of the copies of one id, looked for from `firstNear` to `lastNear`, the lowest offset counts; a leave is none.
 * - A visitor lives in one local day, so runs are looked for within (day, visitor).
 * - Of points in one second the smallest timeout comes first, so the answer does not depend on their order.
 */
export const NUMBERS_SQL = `
WITH counted AS (
  SELECT * FROM (
    SELECT type, toInt64(toUnixTimestamp(t)) AS second, day, visitor, visit_timeout, entry
    FROM events
    WHERE site = {site:String} AND type IN ('view', 'event')
      AND day BETWEEN {firstNear:Date} AND {lastNear:Date}
    ORDER BY log_offset
    LIMIT 1 BY id
  )
  WHERE day BETWEEN {fromDay:Date} AND {toDay:Date}
), points AS (
  SELECT type, day, visitor, entry,
    second - lagInFrame(second, 1, ${NEVER}) OVER (
      PARTITION BY day, visitor ORDER BY second, visit_timeout ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) > visit_timeout AS starts
  FROM counted
)
SELECT
  countIf(type = 'view') AS pageviews,
  countIf(isNotNull(visitor) AND starts) + countIf(isNull(visitor) AND type = 'view' AND entry) AS visits,
  uniqExactIf((day, visitor), isNotNull(visitor)) AS visitors
FROM points`

/**
 * Views of each asked path of one site, ever (contract section 1): runs of one visitor's views with 1,800 s, and each
 * view without visitor. `place` is the path's index among those asked for, from 1.
 */
export const VIEWS_SQL = `
WITH asked AS (
  SELECT id FROM events WHERE site = {site:String} AND type = 'view' AND path IN {paths:Array(String)}
), counted AS (
  SELECT * FROM (
    SELECT type, toInt64(toUnixTimestamp(t)) AS second, day, visitor, indexOf({paths:Array(String)}, path) AS place
    FROM events
    WHERE site = {site:String} AND type IN ('view', 'event') AND id IN asked
    ORDER BY log_offset
    LIMIT 1 BY id
  )
  WHERE type = 'view' AND place > 0
), points AS (
  SELECT place, visitor,
    second - lagInFrame(second, 1, ${NEVER}) OVER (
      PARTITION BY place, day, visitor ORDER BY second ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) > 1800 AS starts
  FROM counted
)
SELECT place, countIf(isNull(visitor) OR starts) AS views FROM points GROUP BY place`
