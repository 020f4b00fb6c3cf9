import { isDeepStrictEqual } from 'node:util'
import type { Outcome, WidgetNumbers } from '../harness/index.js'
import { factsOf, pause, until, viewsOf, widget } from '../harness/index.js'
import type { PeriodNumbers, Recount, RecountSite } from '../recount/index.js'
import { recount } from '../recount/index.js'

/** One site, and what the independent recount makes of everything that was acknowledged. */
export interface Expectation {
  readonly site: RecountSite
  readonly recounted: Recount
}

const SHOWN = ['online', 'today', 'yesterday', 'week', 'month', 'year', 'total'] as const

function essence(counted: Recount, nowSeconds: number): unknown {
  return [counted.days, counted.viewsByDay, counted.onlineAt(nowSeconds)]
}

/**
 * Recounts what was acknowledged. The receipt of each lies between its first try and its last answer: both are taken for
 * it, and must come to the same, so that no second that nobody saw can matter. Throws when it does, or when something is
 * not settled.
 */
export function expectationsOf(sites: readonly RecountSite[], outcomes: readonly Outcome[]): Expectation[] {
  const [sent, answered] = [factsOf(outcomes, 'sent'), factsOf(outcomes, 'answered')]
  const nowSeconds = Math.floor(Date.now() / 1000)
  return sites.map((site) => {
    const [early, late] = [recount(site, sent), recount(site, answered)]
    if (!isDeepStrictEqual(essence(early, nowSeconds), essence(late, nowSeconds)))
      throw new Error(`the numbers of ${site.id} hang on a second that nobody saw: the test is to blame`)
    return { site, recounted: late }
  })
}

/** `what: shown, expected` of each number that differs. */
export function unequal(
  what: string,
  shown: ReadonlyMap<string, unknown>,
  expected: ReadonlyMap<string, unknown>,
): string[] {
  return [...expected]
    .filter(([name, value]) => shown.get(name) !== value)
    .map(([name, value]) => `${what} ${name}: ${String(shown.get(name))}, expected ${String(value)}`)
}

function expectedWidget({ recounted }: Expectation): Map<string, number> {
  const numbers: PeriodNumbers & { online: number } = recounted.widgetAt(Math.floor(Date.now() / 1000))
  return new Map(SHOWN.map((name) => [name, numbers[name]]))
}

/** Where the widget and the views of all paths differ from the recount; a stale answer is a difference too. */
export async function widgetDifferences(url: string, expectations: readonly Expectation[]): Promise<string[]> {
  const differences: string[] = []
  for (const expectation of expectations) {
    const { site, recounted } = expectation
    const shown: WidgetNumbers = await widget(url, site.id)
    if (shown.stale) differences.push(`${site.id}: stale`)
    const numbers = new Map<string, unknown>(SHOWN.map((name) => [name, shown[name]]))
    differences.push(...unequal(`widget ${site.id}`, numbers, expectedWidget(expectation)))
    const views = await viewsOf(url, site.id, [...recounted.views.keys(), '/never-seen'])
    differences.push(...unequal(`views ${site.id}`, views, new Map([...recounted.views, ['/never-seen', 0]])))
  }
  return differences
}

/** How many numbers `widgetDifferences` looks at. */
export function numbersIn(expectations: readonly Expectation[]): number {
  return expectations.reduce((sum, { recounted }) => sum + SHOWN.length + recounted.views.size + 1, 0)
}

/** Longer than the 2 s in which a kept beacon must be visible (contract section 4), so that what comes too often shows. */
const SETTLED_MS = 2500

/** Waits until the widget equals the recount everywhere, and sees that it stays so. Rejects with the differences. */
export async function widgetEquals(
  url: string,
  expectations: readonly Expectation[],
  timeoutMs = 20_000,
): Promise<void> {
  const assertEqual = async () => {
    const differences = await widgetDifferences(url, expectations)
    if (differences.length > 0) throw new Error(`${differences.length} differ:\n${differences.slice(0, 20).join('\n')}`)
    return true
  }
  await until(assertEqual, { timeoutMs, everyMs: 200, what: 'the widget to equal the recount' })
  await pause(SETTLED_MS)
  await assertEqual()
}
