import { isbot } from 'isbot'
import { BROWSER_MARKS } from './browser-marks.data.js'
import { CRAWLER_NAMES } from './crawler-names.data.js'

const escaped = CRAWLER_NAMES.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
const crawlerNames = new RegExp(escaped.join('|'), 'i')

/** isbot's verdict, but for words of its list that stand in real browsers' User-Agents. */
function isbotDrops(userAgent: string): boolean {
  if (!isbot(userAgent)) return false
  const judged = BROWSER_MARKS.reduce((text, mark) => text.replace(mark, 'App'), userAgent)
  return judged === userAgent || isbot(judged)
}

/** Whether a User-Agent is on the list of known crawlers: isbot's and `CRAWLER_NAMES`. About 3 us; cache it. */
export function isKnownCrawler(userAgent: string): boolean {
  return isbotDrops(userAgent) || crawlerNames.test(userAgent)
}
