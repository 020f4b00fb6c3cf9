import type { RecountSite, SentEvent } from '../support/recount/index.js'
import type { Dice, NewSite } from '../support/harness/index.js'
import { browser, uuid7 } from '../support/harness/index.js'

const HOUR = 3600
/** Spellings of few pages: escapes, forms of Unicode, slashes, query keys in any order, and one that is cut. */
const PAGES = [
  '/',
  '/index.php',
  '/tin/',
  '/tin',
  '/tin//1',
  '/Tin',
  '/đường/%C4%91i',
  '/đường/đi/'.normalize('NFD'),
  '/a%2Fb%2fc%zz%FF',
  '/a+b%20c',
  '/tin?id=1',
  '/tin?id=2&utm=x&id=1',
  '/tin/?id=1&id=2#top',
  '/tin?id=a+b%20c&cat=đ',
  `/${'đ'.repeat(1023)}x`,
  `/${'đ'.repeat(1023)}y`,
]
/** Zones, week starts, units and timeouts that differ in all that a number depends on. */
export const SITES: Omit<NewSite, 'id'>[] = [
  { timeZone: 'Asia/Ho_Chi_Minh', weekStart: 'monday', unit: 'visits' },
  { timeZone: 'UTC', weekStart: 'sunday', unit: 'pageviews', pageQueryKeys: ['id', 'cat'] },
  { timeZone: 'America/New_York', weekStart: 'sunday', unit: 'visitors' },
  { timeZone: 'Asia/Kathmandu', weekStart: 'monday', unit: 'visits', visitTimeoutSeconds: 3600 },
  { timeZone: 'Pacific/Apia', weekStart: 'sunday', unit: 'visits', visitTimeoutSeconds: 300 },
]

/** A reader's walks: bursts of pages with gaps around every timeout, over the last 47 hours, told in any order. */
export function walks(site: RecountSite, nowSeconds: number, { below, oneOf }: Dice): SentEvent[] {
  const events = Array.from({ length: 60 }, () => {
    const reader = { ip: `203.0.113.${below(3)}`, userAgent: browser(below(4)) }
    let at = nowSeconds - below(47 * HOUR)
    return Array.from({ length: 1 + below(8) }, (): SentEvent => {
      at = Math.min(at + oneOf([0, 1, 60, 299, 300, 301, 1799, 1800, 1801, 3600, 3601]), nowSeconds)
      const isView = below(4) > 0
      return {
        site: site.id,
        type: isView ? 'view' : 'event',
        ...(!isView && { name: 'buy' }),
        id: uuid7(),
        at: new Date(at * 1000).toISOString(),
        url: `https://example.vn${oneOf(PAGES)}`,
        referrer: oneOf(['', 'https://example.vn/', 'https://news.example.com/']),
        privacy: below(12) === 0,
        ...reader,
      }
    })
  }).flat()
  const shuffled = events.map((event) => ({ event, place: below(1 << 30) })).sort((a, b) => a.place - b.place)
  return shuffled.map(({ event }) => event)
}
