import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { endEverything, pause, startStandalone } from '../support/harness/index.js'
import { openChromium, reader, settled, settledViews, viewsText, widgetLines, widgetText } from './support/index.js'

let product: Standalone
let chromium: Browser

const HOUR = 3600
/** Seconds until a day (or, at four, an online id) turns in Vietnam, whose zone the demo site keeps. */
const secondsToTurn = () => {
  const second = (Math.floor(Date.now() / 1000) + 7 * HOUR) % (24 * HOUR)
  return Math.min(...[4, 24, 28].map((hour) => hour * HOUR - second).filter((seconds) => seconds > 0))
}

beforeAll(async () => {
  // A reader who is there at midnight makes two visits, so a test that is about one does not begin just before it.
  if (secondsToTurn() < 60) await pause((secondsToTurn() + 1) * 1000)
  ;[product, chromium] = await Promise.all([startStandalone(), openChromium()])
})

afterAll(async () => {
  await chromium?.close()
  await endEverything()
})

const patient = { timeout: 10_000 }

/** Does something in the page and waits until the view of `path` that it leads to was taken. */
async function seeing(page: Page, path: string, action: () => Promise<unknown>): Promise<void> {
  const url = `"u":"${new URL(path, product.url).href}"`
  const isView = (sent: string) => sent.includes('"e":"view"') && sent.includes(url)
  const taken = page.waitForResponse(
    (response) => response.status() === 204 && isView(response.request().postData() ?? ''),
  )
  await Promise.all([taken, action()])
}

const LINKS = { 'Trang chủ': '/', 'Bài viết 1': '/tin/1', 'Bài viết 2': '/tin/2' } as const

function follow(page: Page, name: keyof typeof LINKS): Promise<void> {
  return seeing(page, LINKS[name], () => page.getByRole('link', { name, exact: true }).click())
}

async function newPage(n: number): Promise<Page> {
  return (await reader(chromium, n)).newPage()
}

/** Opens what the first line of the start says. */
function openDemo(page: Page): Promise<void> {
  return seeing(page, '/', () => page.goto(product.firstLine))
}

describe('the page behind the URL that a start prints', () => {
  let first: Page

  it('counts a reader who clicks through it as one visit, and each page that was looked at as one view', async () => {
    first = await newPage(0)
    await openDemo(first)
    await follow(first, 'Bài viết 1')
    await follow(first, 'Bài viết 2')
    await follow(first, 'Bài viết 1')
    expect(await settled(product.url, 'demo')).toMatchObject({ total: 1, online: 1 })
    expect(await settledViews(product.url, 'demo', Object.values(LINKS))).toEqual([1, 1, 1])
    // The same reader in the same visit: this changes no number.
    await first.reload()
    await expect.poll(() => widgetText(first), patient).toEqual(widgetLines(1))
    await expect.poll(() => viewsText(first), patient).toEqual(['Lượt xem: 1'])
  })

  it('moves by itself when another reader comes, and shows other views on other pages', async () => {
    const second = await newPage(1)
    await openDemo(second)
    await follow(second, 'Bài viết 1')
    // The widget asks again every 15 seconds, a tenth more at most.
    await expect.poll(() => widgetText(first), { timeout: 25_000, interval: 250 }).toEqual(widgetLines(2))
    const views = [
      ['Trang chủ', 'Lượt xem: 2'],
      ['Bài viết 1', 'Lượt xem: 2'],
      ['Bài viết 2', 'Lượt xem: 1'],
    ] as const
    for (const [name, text] of views) {
      await follow(first, name)
      await expect.poll(() => viewsText(first), patient).toEqual([text])
      await expect.poll(() => widgetText(first), patient).toEqual(widgetLines(2))
    }
  })

  it('says what to do next, with its own address and its numbers one click away', async () => {
    expect(await first.locator('pre').first().innerText()).toContain(`curl -X POST ${product.url}/v1/sites `)
    expect(await first.locator('pre').nth(1).innerText()).toContain(
      `<script defer src="${product.url}/t.js" data-site="my-site"></script>`,
    )
    await first.getByRole('link', { name: '/w/demo.json', exact: true }).click()
    expect(await first.locator('body').innerText()).toContain('"total":2')
  })

  it('has nothing to complain about in the console', async () => {
    const complaints: string[] = []
    const page = await newPage(2)
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await openDemo(page)
    await follow(page, 'Bài viết 2')
    await page.locator('truycap-widget [part=box][data-state=fresh]').waitFor()
    expect(complaints).toEqual([])
  })
})
