import { addDays, localDay, monthOf, weekOf, yearOf } from './calendar.js'
import type { Fact, RecountSite, Unit } from './facts.js'
import { settingsOf } from './facts.js'
import { cameFromElsewhere } from './hosts.js'
import { pathOf } from './path.js'
import { byKey, runStarts } from './runs.js'
import { oneSpelling, onlineIdOf, visitorOf } from './visitor.js'

export type DayNumbers = Record<Unit, number>
export type PeriodNumbers = Record<'today' | 'yesterday' | 'week' | 'month' | 'year' | 'total', number>

export interface Recount {
  /** The facts that count: kept views and events, no id twice. */
  counted: readonly Fact[]
  days: ReadonlyMap<string, DayNumbers>
  /** Views (lượt xem) by path, ever; and the same by local day, then path. */
  views: ReadonlyMap<string, number>
  viewsByDay: ReadonlyMap<string, ReadonlyMap<string, number>>
  viewsOf(urlOrPath: string): number
  numbersAt(nowSeconds: number): Record<Unit, PeriodNumbers>
  onlineAt(nowSeconds: number): number
  /** What the widget shows: the six numbers in the site's unit, and online. */
  widgetAt(nowSeconds: number): PeriodNumbers & { online: number }
}

interface CountedPoint {
  t: number
  timeout: number
  day: string
  type: string
  visitor: string | undefined
  path: string | undefined
  fact: Fact
}

const VIEWS_TIMEOUT_SECONDS = 1800
const ONLINE_AGE_LIMIT_SECONDS = 3600

function isKept(site: RecountSite, fact: Fact): boolean {
  const isBot = fact.bot === true || (fact.door === 'beacon' && !fact.userAgent)
  return fact.site === site.id && !fact.dropped && !(isBot && settingsOf(site, fact).bots === 'drop')
}

function withoutRepeats(facts: readonly Fact[]): Fact[] {
  const seen = new Set<string>()
  return facts.filter((fact) => {
    const id = oneSpelling(fact.id)
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

function pointOf(site: RecountSite, fact: Fact): CountedPoint {
  const { timeZone, visitTimeoutSeconds, pageQueryKeys } = settingsOf(site, fact)
  return {
    t: fact.t,
    timeout: visitTimeoutSeconds,
    day: localDay(fact.t, timeZone),
    type: fact.type,
    visitor: visitorOf(site, fact),
    path: fact.type === 'view' ? pathOf(fact.url ?? '', pageQueryKeys) : undefined,
    fact,
  }
}

/** The days on which a visit starts, one entry per visit. */
function visitDays(site: RecountSite, points: readonly CountedPoint[]): string[] {
  const withVisitor = points.filter((point) => point.visitor !== undefined)
  const runs = [...byKey(withVisitor, (point) => point.visitor ?? '').values()].flatMap((group) => runStarts(group))
  const arrivals = points.filter(
    ({ visitor, type, fact }) =>
      visitor === undefined &&
      type === 'view' &&
      cameFromElsewhere(fact.url ?? '', fact.referrer, settingsOf(site, fact).hosts),
  )
  return [...runs, ...arrivals].map((point) => point.day)
}

function visitorDays(points: readonly CountedPoint[]): string[] {
  const dayOf = new Map<string, string>()
  for (const { visitor, day } of points) if (visitor !== undefined) dayOf.set(visitor, day)
  return [...dayOf.values()]
}

/** The points that start a run of views of one path, one entry per view (lượt xem). */
function viewStarts(points: readonly CountedPoint[]): CountedPoint[] {
  const views = points
    .filter((point) => point.type === 'view')
    .map((point) => Object.assign({}, point, { timeout: VIEWS_TIMEOUT_SECONDS }))
  const withVisitor = views.filter((view) => view.visitor !== undefined)
  const groups = byKey(withVisitor, (view) => JSON.stringify([view.visitor, view.path]))
  const runs = [...groups.values()].flatMap((group) => runStarts(group))
  return [...runs, ...views.filter((view) => view.visitor === undefined)]
}

function tally(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function dayNumbers(site: RecountSite, points: readonly CountedPoint[]): Map<string, DayNumbers> {
  const pageviews = tally(points.filter((point) => point.type === 'view').map((point) => point.day))
  const visits = tally(visitDays(site, points))
  const visitors = tally(visitorDays(points))
  const days = [...new Set(points.map((point) => point.day))].sort()
  return new Map(
    days.map((day) => [
      day,
      { pageviews: pageviews.get(day) ?? 0, visits: visits.get(day) ?? 0, visitors: visitors.get(day) ?? 0 },
    ]),
  )
}

function periodsOf(
  site: RecountSite,
  days: ReadonlyMap<string, DayNumbers>,
  unit: Unit,
  nowSeconds: number,
): PeriodNumbers {
  const today = localDay(nowSeconds, site.timeZone)
  const yesterday = addDays(today, -1)
  const sum = (belongs: (day: string) => boolean) =>
    [...days].reduce((total, [day, numbers]) => total + (belongs(day) ? numbers[unit] : 0), 0)
  return {
    today: sum((day) => day === today),
    yesterday: sum((day) => day === yesterday),
    week: sum((day) => weekOf(day, site.weekStart) === weekOf(today, site.weekStart)),
    month: sum((day) => monthOf(day) === monthOf(today)),
    year: sum((day) => yearOf(day) === yearOf(today)),
    total: sum(() => true),
  }
}

function onlineOf(site: RecountSite, facts: readonly Fact[], nowSeconds: number): number {
  const online = facts.filter(
    (fact) =>
      (fact.ageSeconds ?? 0) <= ONLINE_AGE_LIMIT_SECONDS &&
      fact.t > nowSeconds - settingsOf(site, fact).onlineWindowSeconds &&
      fact.t <= nowSeconds,
  )
  return new Set(online.map((fact) => onlineIdOf(site, fact)).filter((id) => id !== undefined)).size
}

/**
 * Every number of one site from the facts that were acknowledged, by brute force: contract section 1 read word for
 * word over sorted lists. Facts of other sites are passed over. Throws on a view whose `url` is not a page.
 */
export function recount(site: RecountSite, facts: readonly Fact[]): Recount {
  const kept = facts.filter((fact) => isKept(site, fact))
  const counted = withoutRepeats(kept.filter((fact) => fact.type === 'view' || fact.type === 'event'))
  const points = counted.map((fact) => pointOf(site, fact))
  const days = dayNumbers(site, points)
  const starts = viewStarts(points)
  const views = tally(starts.map((view) => view.path ?? ''))
  const viewsByDay = new Map(
    [...byKey(starts, (view) => view.day)].map(([day, group]) => [day, tally(group.map((view) => view.path ?? ''))]),
  )
  const seenAlive = [...counted, ...kept.filter((fact) => fact.type === 'heartbeat')]
  const onlineAt = (nowSeconds: number) => onlineOf(site, seenAlive, nowSeconds)
  return {
    counted,
    days,
    views,
    viewsByDay,
    viewsOf: (urlOrPath) => views.get(pathOf(urlOrPath, site.pageQueryKeys)) ?? 0,
    numbersAt: (nowSeconds) => ({
      pageviews: periodsOf(site, days, 'pageviews', nowSeconds),
      visits: periodsOf(site, days, 'visits', nowSeconds),
      visitors: periodsOf(site, days, 'visitors', nowSeconds),
    }),
    onlineAt,
    widgetAt: (nowSeconds) => ({
      online: onlineAt(nowSeconds),
      ...periodsOf(site, days, site.unit, nowSeconds),
    }),
  }
}
