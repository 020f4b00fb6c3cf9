import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import {
  calmTimeZone,
  createKey,
  createSite,
  endEverything,
  postEvents,
  startStandalone,
  until,
  widgetShows,
} from '../support/harness/index.js'
import type { OwnerPages } from './support/index.js'
import {
  openChromium,
  pageWith,
  reader,
  settled,
  settledViews,
  startOwnerPages,
  viewsText,
  widgetLines,
  widgetText,
} from './support/index.js'

let product: Standalone
let pages: OwnerPages
let chromium: Browser
let contexts: BrowserContext[]

const patient = { timeout: 10_000 }

beforeAll(async () => {
  ;[product, pages, chromium] = await Promise.all([startStandalone(), startOwnerPages(), openChromium()])
  contexts = await Promise.all([0, 1].map((n) => reader(chromium, n)))
})

afterAll(async () => {
  await chromium?.close()
  await pages?.close()
  await endEverything()
})

async function open(url: string, n = 0): Promise<Page> {
  const page = await (contexts[n] as BrowserContext).newPage()
  await page.goto(url)
  return page
}

function newSite(id: string): Promise<unknown> {
  return createSite(product, { id, bots: 'count', timeZone: calmTimeZone(), onlineWindowSeconds: 1800 })
}

/** Whether the page's widget has drawn numbers, and all that it says. */
const drawn = async (page: Page) => {
  await page.locator('truycap-widget [part=box][data-state=fresh]').waitFor()
  return widgetText(page)
}

/**
 * 7,666 visits, each of another visitor: 1,234 on /tin/123 and 6,393 on / before the online window of half an hour,
 * 39 on / now. One view each, so the views are the same numbers.
 */
function history(site: string): object[] {
  const now = Date.now()
  return Array.from({ length: 7666 }, (_, n) => ({
    site,
    type: 'view',
    id: `history-${n}`,
    visitor: `visitor-${n}`,
    at: new Date(n < 39 ? now : now - 2_700_000).toISOString(),
    url: `https://bao.example${n >= 39 && n < 39 + 1234 ? '/tin/123' : '/'}`,
  }))
}

describe('a site with 7,666 visits, opened by one reader more', () => {
  let page: Page

  beforeAll(async () => {
    await newSite('bao')
    const { key } = await createKey(product, 'bao')
    await postEvents(product.url, key, history('bao'))
    const body = `<truycap-widget></truycap-widget>
      <p data-truycap-views>chưa có</p><p data-truycap-views="/">chưa có</p><p data-truycap-views="/khong-ai-xem">chưa có</p>`
    page = await open(pages.put('/tin/123', pageWith({ host: product.url, site: 'bao', body })))
    await Promise.all([
      widgetShows(product.url, 'bao', { total: 7667 }),
      settledViews(product.url, 'bao', ['/tin/123', '/', '/khong-ai-xem']),
    ])
    // The same reader in the same visit, so this changes no number, and what the page shows is final.
    await page.reload()
  })

  it('shows the heading, nine digits and the lines in Vietnamese', async () => {
    expect(await drawn(page)).toEqual([
      'Thống kê truy cập',
      '000007667',
      'Đang online: 40',
      'Trong tuần: 7.667',
      'Trong tháng: 7.667',
      'Trong năm: 7.667',
    ])
  })

  it('shows the views of this page and of others, 0 for one that nobody saw', async () => {
    await expect.poll(() => viewsText(page), patient).toEqual(['Lượt xem: 1.235', 'Lượt xem: 6.432', 'Lượt xem: 0'])
  })

  it('groups by commas and speaks English where asked, also without the tracker', async () => {
    const body = `<truycap-widget site="bao" lang="en" show="total,online,today,yesterday,week"></truycap-widget>
      <p data-truycap-views="/tin/123" lang="en">none yet</p>`
    const english = await open(pages.put('/en', pageWith({ host: product.url, body })))
    expect(await drawn(english)).toEqual([
      'Visitor statistics',
      '000007667',
      'Online now: 40',
      'Today: 7,667',
      'Yesterday: 0',
      'This week: 7,667',
    ])
    await expect.poll(() => viewsText(english), patient).toEqual(['Views: 1,235'])
  })

  it('is one labelled image and a list of terms to a screen reader, who hears no nine digits', async () => {
    await drawn(page)
    const widget = page.locator('truycap-widget')
    expect(await widget.getByRole('img').count()).toBe(1)
    expect(await widget.getByRole('img', { name: 'Tổng lượt truy cập: 7.667', exact: true }).count()).toBe(1)
    expect(await widget.getByRole('term').allInnerTexts()).toEqual([
      'Đang online:',
      'Trong tuần:',
      'Trong tháng:',
      'Trong năm:',
    ])
    expect(await widget.getByRole('definition').allInnerTexts()).toEqual(['40', '7.667', '7.667', '7.667'])
  })
})

describe('readers who come', () => {
  it('move the numbers: the second one makes two visits, two online and two views', async () => {
    await newSite('hai')
    const body = '<truycap-widget></truycap-widget><p data-truycap-views></p>'
    const url = pages.put('/hai', pageWith({ host: product.url, site: 'hai', body }))
    const counted = async (n: number) => {
      await widgetShows(product.url, 'hai', { total: n })
      expect(await settledViews(product.url, 'hai', ['/hai'])).toEqual([n])
    }
    const first = await open(url, 0)
    await counted(1)
    await first.reload()
    expect(await drawn(first)).toEqual(widgetLines(1))
    await expect.poll(() => viewsText(first), patient).toEqual(['Lượt xem: 1'])

    await open(url, 1)
    await counted(2)
    await first.reload()
    expect(await drawn(first)).toEqual(widgetLines(2))
    await expect.poll(() => viewsText(first), patient).toEqual(['Lượt xem: 2'])
  })

  it('are one online with two tabs of one browser, two with another browser', async () => {
    await newSite('online')
    const put = (path: string) => pages.put(path, pageWith({ host: product.url, site: 'online' }))
    const arrived = (page: Page) =>
      page.waitForResponse((response) => response.url().endsWith('/c') && response.status() === 204)
    const openAndCount = async (path: string, n: number) => {
      const page = await (contexts[n] as BrowserContext).newPage()
      await Promise.all([arrived(page), page.goto(put(path))])
    }
    await openAndCount('/mot', 0)
    await openAndCount('/hai-tab', 0)
    expect(await settled(product.url, 'online')).toMatchObject({ online: 1, total: 1 })
    await openAndCount('/mot', 1)
    expect(await settled(product.url, 'online')).toMatchObject({ online: 2, total: 2 })
  })
})

describe('a site that does not exist', () => {
  it('hides the widget, leaves the text of the views and says so in one line of the console', async () => {
    const body =
      '<truycap-widget site="khong-co"></truycap-widget><p data-truycap-views data-site="khong-co">như cũ</p>'
    const page = await (contexts[0] as BrowserContext).newPage()
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    const views = page.waitForResponse((response) => response.url().includes('/w/khong-co/views'))
    await page.goto(pages.put('/khong-co', pageWith({ host: product.url, body })))
    await page.waitForFunction('document.querySelector("truycap-widget").hidden')
    expect(await page.locator('truycap-widget').isVisible()).toBe(false)
    await views
    // Asked later, so answered later: by then the page has dealt with its own answer.
    await page.evaluate(`fetch('${product.url}/w/khong-co/views?p=/')`)
    expect(await viewsText(page)).toEqual(['như cũ'])
    expect(said.filter((line) => line.includes('truycap:'))).toEqual([
      `truycap: no such site: ${product.url}/w/khong-co.json`,
    ])
  })
})

describe('an answer of the widget door', () => {
  async function shown(numbers: object): Promise<string[]> {
    const context = await reader(chromium, 2)
    const page = await context.newPage()
    await page.route('**/w/mau.json', (route) =>
      route.fulfill({ json: { v: 1, site: 'mau', ...numbers }, headers: { 'Access-Control-Allow-Origin': '*' } }),
    )
    const show = 'total,online,today,yesterday,week,month,year'
    const body = `<truycap-widget site="mau" show="${show}"></truycap-widget>`
    await page.goto(pages.put('/mau', pageWith({ host: product.url, body })))
    await until(() => page.locator('[part=box][data-state=fresh], [part=box][data-state=stale]').count())
    const text = await widgetText(page)
    await context.close()
    return text
  }

  it('is drawn each number in its own line', async () => {
    const numbers = { online: 40, today: 1021, yesterday: 990, week: 7667, month: 37087, year: 229537, total: 2390402 }
    expect(await shown(numbers)).toEqual([
      'Thống kê truy cập',
      '002390402',
      'Đang online: 40',
      'Hôm nay: 1.021',
      'Hôm qua: 990',
      'Trong tuần: 7.667',
      'Trong tháng: 37.087',
      'Trong năm: 229.537',
    ])
  })

  it.each([
    [0, '000000000'],
    [999_999_999, '999999999'],
    [1_000_000_000, '1000000000'],
  ])('with a total of %d has the digits %s', async (total, digits) => {
    expect((await shown({ total }))[1]).toBe(digits)
  })

  it('that is stale has its time, and a dash for what is not known', async () => {
    const numbers = { online: null, week: 7, month: 8, year: 9, total: 10 }
    expect(await shown({ ...numbers, asOf: '2026-11-23T16:31:15+07:00', stale: true })).toEqual([
      'Thống kê truy cập',
      '000000010',
      'Đang online: –',
      'Hôm nay: –',
      'Hôm qua: –',
      'Trong tuần: 7',
      'Trong tháng: 8',
      'Trong năm: 9',
      'Số liệu lúc 16:31',
    ])
  })
})

describe('a page with a strict Content-Security-Policy and Trusted Types', () => {
  it('has the widget styled, the views filled and the reader counted without a violation', async () => {
    await newSite('chat')
    const policy = [
      "default-src 'none'",
      `script-src ${product.url}`,
      "style-src 'self'",
      `connect-src ${product.url}`,
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; ')
    const body = '<truycap-widget></truycap-widget><p data-truycap-views>chưa có</p>'
    const html = pageWith({ host: product.url, site: 'chat', body })
    const page = await (contexts[0] as BrowserContext).newPage()
    const violations: string[] = []
    await page.exposeFunction('report', (directive: string) => violations.push(directive))
    await page.addInitScript('addEventListener("securitypolicyviolation", (e) => report(e.effectiveDirective))')
    await page.goto(pages.put('/chat', html, { 'Content-Security-Policy': policy }))
    await drawn(page)
    await widgetShows(product.url, 'chat', { total: 1 })
    await expect.poll(() => viewsText(page), patient).toEqual([expect.stringMatching(/^Lượt xem: [01]$/)])
    const style = await page
      .locator('truycap-widget [part=digit]')
      .first()
      .evaluate((digit) => {
        const { display, backgroundColor } = (digit as unknown as Styled).ownerDocument.defaultView.getComputedStyle(
          digit,
        )
        return { display, backgroundColor }
      })
    expect(style).toEqual({ display: 'inline-block', backgroundColor: 'rgb(34, 34, 34)' })
    expect(violations).toEqual([])
    // The listener does hear of one.
    await page.locator('body').evaluate((element) => (element as unknown as Styled).setAttribute('style', 'color:red'))
    await until(() => violations.includes('style-src-attr'))
  })
})

/** What these tests use of a DOM element; the project has no DOM types. */
interface Styled {
  ownerDocument: {
    defaultView: { getComputedStyle(element: unknown): { display: string; backgroundColor: string } }
  }
  setAttribute(name: string, value: string): void
}
