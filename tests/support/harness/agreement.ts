import { isDeepStrictEqual } from 'node:util'
import type { Fact, PeriodNumbers, Recount, RecountSite } from '../recount/index.js'
import { recount } from '../recount/index.js'
import type { Answer } from './http.js'
import { request } from './http.js'
import type { WidgetNumbers } from './sites.js'
import { viewsOf } from './sites.js'
import type { Patience } from './until.js'
import { until } from './until.js'

const PERIODS = ['today', 'yesterday', 'week', 'month', 'year', 'total'] as const

async function askWidget(url: string, siteId: string): Promise<{ answer: Answer; shown: WidgetNumbers }> {
  const answer = await request({ url: `${url}/w/${siteId}.json` })
  if (answer.status !== 200) throw new Error(`the widget of ${siteId}: ${answer.status} ${answer.text}`)
  return { answer, shown: answer.json() as WidgetNumbers }
}

function periodsOf(shown: PeriodNumbers): PeriodNumbers {
  return Object.fromEntries(PERIODS.map((period) => [period, shown[period]])) as PeriodNumbers
}

/**
 * Throws unless the six numbers of the widget are those of the recount, by the clock of this machine before or after
 * the question (a day may turn in between).
 */
async function compareNumbers(url: string, site: RecountSite, counted: Recount): Promise<void> {
  const { answer, shown } = await askWidget(url, site.id)
  const expected = [answer.sentAtMs, answer.answeredAtMs].map(
    (ms) => counted.numbersAt(Math.floor(ms / 1000))[site.unit],
  )
  if (shown.unit !== site.unit || shown.stale) throw new Error(`not fresh ${site.unit}: ${answer.text}`)
  if (!expected.some((numbers) => isDeepStrictEqual(periodsOf(numbers), periodsOf(shown))))
    throw new Error(`shows ${answer.text}, recounted ${JSON.stringify(expected[0])}`)
}

async function compareViews(url: string, site: RecountSite, counted: Recount): Promise<void> {
  const paths = [...counted.views.keys()]
  const shown = await viewsOf(url, site.id, paths)
  const wrong = paths.filter((path) => shown.get(path) !== counted.views.get(path))
  if (wrong.length === 0) return
  const lines = wrong.map((path) => `${path}: shown ${shown.get(path)}, recounted ${counted.views.get(path)}`)
  throw new Error(`the views of ${wrong.length} of ${paths.length} paths differ\n${lines.slice(0, 10).join('\n')}`)
}

/**
 * Waits until the widget of a site shows exactly the numbers of its recount in its unit, and the views of every path
 * that was ever viewed. `online` is left out: it moves with the clock.
 */
export async function agreesWithRecount(
  url: string,
  site: RecountSite,
  facts: readonly Fact[],
  patience: Patience = {},
): Promise<Recount> {
  const counted = recount(site, facts)
  const compare = async () => {
    await compareNumbers(url, site, counted)
    await compareViews(url, site, counted)
    return true
  }
  await until(compare, { what: `the recount of ${site.id}`, ...patience })
  return counted
}

/**
 * `online` as shown, and all that it may be: the recount at every second from one before the question (an api caches for
 * at most one) until the answer.
 */
export async function onlineShown(
  url: string,
  site: RecountSite,
  facts: readonly Fact[],
): Promise<{ shown: number | null; allowed: number[] }> {
  const counted = recount(site, facts)
  const { answer, shown } = await askWidget(url, site.id)
  const first = Math.floor((answer.sentAtMs - 1000) / 1000)
  const last = Math.floor(answer.answeredAtMs / 1000)
  const seconds = Array.from({ length: last - first + 1 }, (_, n) => first + n)
  return { shown: shown.online, allowed: seconds.map((second) => counted.onlineAt(second)) }
}
