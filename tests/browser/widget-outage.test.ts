import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { calmTimeZone, createSite, endEverything, startStandalone, widgetShows } from '../support/harness/index.js'
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
let url: string

const patient = { timeout: 10_000 }
const TWO_VISITS = widgetLines(2)
const UNKNOWN = widgetLines('–', '–––––––––')

beforeAll(async () => {
  ;[product, pages, chromium] = await Promise.all([startStandalone(), startOwnerPages(), openChromium()])
  contexts = await Promise.all([0, 1].map((n) => reader(chromium, n)))
  await Promise.all(contexts.map((context) => context.clock.install()))
  const site = { id: 'bao', bots: 'count', timeZone: calmTimeZone(), onlineWindowSeconds: 1800 } as const
  await createSite(product, site)
  const body = '<truycap-widget refresh="15"></truycap-widget><p data-truycap-views>như cũ</p>'
  url = pages.put('/', pageWith({ host: product.url, site: 'bao', body }))
})

afterAll(async () => {
  await chromium?.close()
  await pages?.close()
  await endEverything()
})

/** A page of the n-th reader, whose clock can be put forward; the clock is that of all pages of the reader. */
async function open(n: number): Promise<Page> {
  const page = await (contexts[n] as BrowserContext).newPage()
  await page.goto(url)
  return page
}

const isPoll = (request: { url(): string }) => request.url().endsWith('/w/bao.json')

/** The longest wait for the next request after so many failures in a row: 15 s, doubled by each, and a tenth. */
const longestWaitMs = (failures: number) => 15_000 * 2 ** failures * 1.1

/** Puts the page's clock forward until its widget asks again, and waits until that failed. */
async function pollFails(page: Page, failures: number): Promise<void> {
  const failed = page.waitForEvent('requestfailed', isPoll)
  await page.clock.fastForward(longestWaitMs(failures))
  await failed
  // Asked later, so over later: by then the page has dealt with its own failure.
  await page.evaluate(`fetch('${product.url}').catch(() => 0)`)
}

/** Puts the page's clock forward until its widget asks again, and demands the numbers. */
async function pollShows(page: Page, failures: number): Promise<void> {
  const answered = page.waitForResponse(isPoll)
  await page.clock.fastForward(longestWaitMs(failures))
  expect((await answered).status()).toBe(200)
  await expect.poll(() => widgetText(page), patient).toEqual(TWO_VISITS)
  expect(await page.locator('[part=box]').getAttribute('data-state')).toBe('fresh')
}

describe('a product that is killed', () => {
  let early: Page
  let late: Page

  it('leaves the last numbers in a page that has them', async () => {
    const first = await Promise.all([open(0), open(1)])
    await widgetShows(product.url, 'bao', { total: 2, online: 2 })
    expect(await settledViews(product.url, 'bao', ['/'])).toEqual([2])
    await Promise.all(first.map((page) => page.close()))
    // The same reader in the same visit: from here on nothing changes any number.
    early = await open(0)
    await expect.poll(() => widgetText(early), patient).toEqual(TWO_VISITS)
    await expect.poll(() => viewsText(early), patient).toEqual(['Lượt xem: 2'])
    await product.killTree()
    await pollFails(early, 0)
    expect(await widgetText(early)).toEqual(TWO_VISITS)
    expect(await viewsText(early)).toEqual(['Lượt xem: 2'])
  })

  it('is dashes, never zeros, in a page that has none, and the text of the owner where the views would be', async () => {
    // The scripts come from the browser's cache, as they do for an hour.
    late = await open(1)
    await expect.poll(() => widgetText(late), patient).toEqual(UNKNOWN)
    expect(await late.getByRole('img', { name: 'Tổng lượt truy cập: –', exact: true }).count()).toBe(1)
    await pollFails(late, 1)
    expect(await widgetText(late)).toEqual(UNKNOWN)
    expect(await viewsText(late)).toEqual(['như cũ'])
  })

  it('is forgotten by both pages when it is back', async () => {
    const { port } = new URL(product.url)
    product = await startStandalone({ dataDir: product.dataDir, env: { PORT: port } })
    expect(await settled(product.url, 'bao')).toMatchObject({ total: 2, online: 2 })
    await Promise.all([pollShows(early, 1), pollShows(late, 2)])
  })
})
