import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewSite, Standalone } from '../support/harness/index.js'
import { calmTimeZone, createSite, endEverything, startStandalone } from '../support/harness/index.js'
import type { OwnerPages, RecordingProxy, SeenBeacon } from './support/index.js'
import {
  openChromium,
  pageWith,
  reader,
  settled,
  settledViews,
  startOwnerPages,
  startRecordingProxy,
  viewsText,
} from './support/index.js'

let product: Standalone
let proxy: RecordingProxy
let pages: OwnerPages
let chromium: Browser

beforeAll(async () => {
  ;[product, pages, chromium] = await Promise.all([startStandalone(), startOwnerPages(), openChromium()])
  proxy = await startRecordingProxy(product.url)
})

afterAll(async () => {
  await chromium?.close()
  await Promise.all([proxy?.close(), pages?.close()])
  await endEverything()
})

/** A site that counts page views, unless said otherwise, and this browser, which does not hide that it is a robot. */
function newSite(id: string, overrides: Partial<NewSite> = {}): Promise<unknown> {
  return createSite(product, { id, bots: 'count', unit: 'pageviews', timeZone: calmTimeZone(), ...overrides })
}

function put(path: string, site: string, body = ''): string {
  return pages.put(path, pageWith({ host: proxy.url, site, body }))
}

const pathOf = (url: string | undefined) => url?.replace(pages.url, '')
const pathsOf = (siteId: string) => proxy.beaconsOf(siteId).map(({ e, u }) => `${e} ${pathOf(u)}`)

/** Does something in the page and waits until it has led to the next answered beacon of the site. */
async function nextBeacon(siteId: string, action: () => Promise<unknown>): Promise<void> {
  const before = proxy.beaconsOf(siteId).length
  await action()
  await proxy.answered(siteId, before + 1)
}

async function openPage(url: string, n = 0): Promise<{ context: BrowserContext; page: Page }> {
  const context = await reader(chromium, n)
  const page = await context.newPage()
  await page.goto(url)
  return { context, page }
}

describe('a page that is opened', () => {
  it('sends one view as plain text, without a preflight, a cookie or anything stored', async () => {
    await newSite('mot')
    const url = `${put('/mot?id=7', 'mot')}#muc`
    const from = proxy.requests.length
    const context = await reader(chromium, 0)
    // Cookies know no ports, so the browser would send this one if it were let.
    await context.addCookies([{ name: 'of-the-owner', value: 'x', url: proxy.url }])
    const page = await context.newPage()
    await nextBeacon('mot', () => page.goto(url))

    expect(await settled(product.url, 'mot')).toMatchObject({ total: 1, online: 1 })
    const [{ a: ageMs = 0, ...view } = {} as SeenBeacon, ...more] = proxy.beaconsOf('mot')
    expect(more).toEqual([])
    expect(ageMs).toBeLessThan(1000)
    expect(view).toEqual({
      v: 1,
      s: 'mot',
      e: 'view',
      i: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      u: url,
      n: 'Tin tức',
      w: 1280,
      l: 'en-US',
      z: expect.stringMatching(/./),
      b: 1,
      status: 204,
    })
    expect(Math.abs(Date.now() - Number.parseInt(view.i.replace('-', '').slice(0, 12), 16))).toBeLessThan(60_000)

    const requests = proxy.requests.slice(from)
    expect(requests.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /t.js',
      'GET /w.js',
      'POST /c',
    ])
    expect(requests.filter(({ setsCookie }) => setsCookie)).toEqual([])
    const toDoor = requests.find(({ path }) => path === '/c')
    expect(toDoor?.headers['content-type']).toBe('text/plain;charset=UTF-8')
    expect(toDoor?.headers.cookie).toBeUndefined()
    expect(await context.storageState({ indexedDB: true })).toEqual({
      cookies: [expect.objectContaining({ name: 'of-the-owner' })],
      origins: [],
    })
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    await context.close()
  })

  it('is told apart by where its reader came from', async () => {
    await newSite('nguon')
    const elsewhere = await startOwnerPages()
    const first = put('/nguon/1', 'nguon', '<a href="/nguon/2">tiếp</a>')
    const second = put('/nguon/2', 'nguon')
    const { context, page } = await openPage(elsewhere.put('/', `<a href="${first}">bài</a>`))
    await nextBeacon('nguon', () => page.click('a'))
    await nextBeacon('nguon', () => page.click('a'))
    await nextBeacon('nguon', () => page.evaluate('history.pushState(null, "", "/nguon/3")'))
    // Of another website a browser tells the origin only.
    const referrers = proxy.beaconsOf('nguon').map(({ u, r }) => `${pathOf(u)} from ${r}`)
    expect(referrers).toEqual([`/nguon/1 from ${elsewhere.url}/`, `/nguon/2 from ${first}`, `/nguon/3 from ${second}`])
    await context.close()
    await elsewhere.close()
  })

  it('has one path for a Vietnamese address, however it is composed', async () => {
    await newSite('tieng-viet')
    const body = '<p data-truycap-views></p>'
    const [composed, decomposed] = (['NFC', 'NFD'] as const).map((form) => encodeURI('/tin/tiếng-việt'.normalize(form)))
    expect(composed).not.toBe(decomposed)
    const urls = [composed, decomposed].map((path) => put(path ?? '', 'tieng-viet', body))
    const readers = [await reader(chromium, 0), await reader(chromium, 1)]
    for (const [n, context] of readers.entries()) {
      const page = await context.newPage()
      await nextBeacon('tieng-viet', () => page.goto(urls[n] ?? ''))
    }
    expect(await settled(product.url, 'tieng-viet')).toMatchObject({ total: 2 })
    const spellings = [composed ?? '', decomposed ?? '', '/tin/tiếng-việt']
    expect(await settledViews(product.url, 'tieng-viet', spellings)).toEqual([2, 2, 2])
    for (const context of readers) {
      const [page] = context.pages()
      await page?.reload()
      await expect.poll(() => viewsText(page as Page), { timeout: 10_000 }).toEqual(['Lượt xem: 2'])
      await context.close()
    }
  })
})

describe('a page that changes its address', () => {
  it('counts what is pushed, replaced by another, gone back and forward to, and not the same again', async () => {
    await newSite('spa')
    const { context, page } = await openPage(put('/spa/a', 'spa'))
    await proxy.answered('spa', 1)
    // The tracker waits 60 ms for the address to settle; a timer that is set later and runs longer is over later.
    const settle = 'new Promise((resolve) => setTimeout(resolve, 70))'
    await nextBeacon('spa', () => page.evaluate('history.pushState(null, "", "/spa/b")'))
    await page.evaluate(`history.replaceState({ page: 2 }, ""), ${settle}`)
    await page.evaluate(`history.pushState(null, "", "/spa/b"), ${settle}`)
    await page.evaluate(`location.hash = "muc-2", ${settle}`)
    await nextBeacon('spa', () => page.evaluate('history.replaceState(null, "", "/spa/c")'))
    await nextBeacon('spa', () =>
      page.evaluate('history.pushState(null, "", "/spa/d"), history.pushState(null, "", "/spa/e")'),
    )
    await nextBeacon('spa', () => page.evaluate('history.go(-2)'))
    await nextBeacon('spa', () => page.evaluate('history.go(2)'))
    expect(pathsOf('spa')).toEqual(
      ['/spa/a', '/spa/b', '/spa/c', '/spa/e', '/spa/c', '/spa/e'].map((at) => `view ${at}`),
    )
    expect(await settled(product.url, 'spa')).toMatchObject({ total: 6, online: 1 })
    await context.close()
  })

  it('counts once more when it comes out of the back/forward cache', async () => {
    await newSite('tro-lai')
    const { context, page } = await openPage(put('/tro-lai/a', 'tro-lai'))
    await proxy.answered('tro-lai', 1)
    await page.evaluate('window.isTheSameDocument = true')
    await nextBeacon('tro-lai', () => page.goto(put('/tro-lai/b', 'tro-lai')))
    await nextBeacon('tro-lai', () => page.goBack({ waitUntil: 'commit' }))
    expect(await page.evaluate('window.isTheSameDocument')).toBe(true)
    expect(pathsOf('tro-lai')).toEqual(['view /tro-lai/a', 'view /tro-lai/b', 'view /tro-lai/a'])
    expect(await settled(product.url, 'tro-lai')).toMatchObject({ total: 3, online: 1 })
    await context.close()
  })
})

describe('a reader who asks not to be followed', () => {
  it('has no visitor: never online, a visit for each arrival, a view for each look', async () => {
    await newSite('rieng-tu', { unit: 'visits' })
    const first = put('/rieng-tu/1', 'rieng-tu', '<a href="/rieng-tu/2">tiếp</a>')
    put('/rieng-tu/2', 'rieng-tu')
    const context = await reader(chromium, 0)
    await context.addInitScript('Object.defineProperty(navigator, "globalPrivacyControl", { value: true })')
    const page = await context.newPage()
    // Arrives twice from nowhere (two visits), goes on to the second page (none), looks at it again (none).
    await nextBeacon('rieng-tu', () => page.goto(first))
    await nextBeacon('rieng-tu', () => page.goto(first))
    await nextBeacon('rieng-tu', () => page.click('a'))
    await nextBeacon('rieng-tu', () => page.reload())
    expect(proxy.beaconsOf('rieng-tu').map(({ g }) => g)).toEqual([1, 1, 1, 1])
    expect(await settled(product.url, 'rieng-tu')).toMatchObject({ total: 2, online: 0 })
    expect(await settledViews(product.url, 'rieng-tu', ['/rieng-tu/1', '/rieng-tu/2'])).toEqual([2, 2])
    await context.close()
  })
})
