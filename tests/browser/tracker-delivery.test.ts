import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import { calmTimeZone, createSite, endEverything, startStandalone } from '../support/harness/index.js'
import type { OwnerPages, PageParts, RecordingProxy, SeenBeacon } from './support/index.js'
import {
  openChromium,
  openTabbedChromium,
  pageWith,
  reader,
  settled,
  startOwnerPages,
  startRecordingProxy,
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

/** A site that counts page views, with a page, whose URL is given. */
async function siteWithPage(id: string, parts: Partial<PageParts> = {}): Promise<string> {
  await createSite(product, { id, bots: 'count', unit: 'pageviews', timeZone: calmTimeZone() })
  return pages.put(`/${id}`, pageWith({ host: proxy.url, site: id, ...parts }))
}

describe('a reader who leaves', () => {
  it('has the time spent delivered 10 of 10 times, by a link or by closing the tab', async () => {
    // Such a page is not kept in the back/forward cache, where its requests could go on.
    const url = await siteWithPage('roi-di', { body: '<script>addEventListener("unload", () => {})</script>' })
    const context = await reader(chromium, 0)
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
    const startedAtMs = Date.now()
    await Promise.all(tabs.map((page) => page.goto(url)))
    await proxy.answered('roi-di', 10)
    // Less than three seconds is no reading, and nothing is said of it.
    const opened = await Promise.all(tabs.map((page) => page.evaluate<number>('performance.now()')))
    await Promise.all(tabs.map((page, n) => page.waitForFunction(`performance.now() > ${(opened[n] ?? 0) + 3000}`)))
    // A browser has six connections to one host, so four of the ten must still wait for one when their page is gone.
    proxy.slowDown(300)
    await Promise.all(tabs.map((page, n) => (n % 2 === 0 ? page.goto('about:blank') : page.close())))
    const beacons = await proxy.answered('roi-di', 20)
    proxy.slowDown(0)
    const longestSeconds = Math.ceil((Date.now() - startedAtMs) / 1000)

    expect(beacons.map(({ e, status }) => `${e} ${status}`).sort()).toEqual([
      ...Array.from({ length: 10 }, () => 'leave 204'),
      ...Array.from({ length: 10 }, () => 'view 204'),
    ])
    for (const { d } of beacons.filter(({ e }) => e === 'leave')) {
      expect(d).toBeGreaterThanOrEqual(3)
      expect(d).toBeLessThanOrEqual(longestSeconds)
    }
    expect(await settled(product.url, 'roi-di')).toMatchObject({ total: 10, online: 1 })
    await context.close()
  })
})

describe('a beacon that fails', () => {
  it('with 503, 503, 204 is one stored event with one id, though the second 503 hid that it was kept', async () => {
    const url = await siteWithPage('thu-lai')
    const context = await reader(chromium, 0)
    proxy.failNext('unseen', 'kept')
    await (await context.newPage()).goto(url)
    const beacons = await proxy.answered('thu-lai', 3, 20_000)
    expect(beacons.map(({ status }) => status)).toEqual([503, 503, 204])
    expect(new Set(beacons.map(({ i }) => i)).size).toBe(1)
    // After 2 s and then 8 s, a quarter more or less; the age tells the server when it really was.
    const [first, second, third] = beacons.map(({ a = 0 }) => a)
    expect(first).toBeLessThan(1000)
    expect(second).toBeGreaterThanOrEqual(1500)
    expect(third).toBeGreaterThanOrEqual((second ?? 0) + 6000)
    expect(await settled(product.url, 'thu-lai')).toMatchObject({ total: 1, online: 1 })
    await context.close()
  })

  it('for want of a network is sent when the browser is online again, once', async () => {
    const url = await siteWithPage('mat-mang')
    const context = await reader(chromium, 0)
    const page = await context.newPage()
    await page.goto(url)
    await proxy.answered('mat-mang', 1)
    await context.setOffline(true)
    const failed = page.waitForEvent('requestfailed')
    await page.evaluate('truycap("view", { url: "/mat-mang/2" })')
    await failed
    await context.setOffline(false)
    const beacons = await proxy.answered('mat-mang', 2)
    expect(beacons.map(({ e, u }) => `${e} ${u}`)).toEqual([`view ${url}`, `view ${url}/2`])
    expect(await settled(product.url, 'mat-mang')).toMatchObject({ total: 2, online: 1 })
    await context.close()
  })
})

/** Kinds and seconds since the first, by the page's clock, which is in the ids (RFC 9562). */
function timeline(beacons: readonly SeenBeacon[]): string[] {
  const seconds = beacons.map(({ i }) => Number.parseInt(i.replace('-', '').slice(0, 12), 16) / 1000)
  return beacons.map(({ e }, n) => `${e} ${Math.floor((seconds[n] ?? 0) - (seconds[0] ?? 0))}`)
}

describe('a tab', () => {
  /*
   *       0    30    60        62 ....................... 192
   *       |     |     |         |  hidden, no heartbeat     |
   *      view  beat  beat     leave                  beat at once
   */
  it('sends heartbeats while it is seen, none while it is hidden, and one on coming back', async () => {
    const url = await siteWithPage('nhip', { tracker: 'data-heartbeat="30"' })
    const { context, close } = await openTabbedChromium()
    const page = context.pages()[0] ?? (await context.newPage())
    await page.clock.install({ time: '2026-11-24T05:00:00Z' })
    await page.clock.pauseAt('2026-11-24T05:00:01Z')
    await page.goto(url)
    await proxy.answered('nhip', 1)
    await page.clock.runFor(62_000)
    await proxy.answered('nhip', 3)

    const other = await context.newPage()
    await other.bringToFront()
    await page.waitForFunction('document.hidden', undefined, { polling: 20 })
    await proxy.answered('nhip', 4)
    await page.clock.runFor(130_000)
    await page.bringToFront()
    await page.waitForFunction('!document.hidden', undefined, { polling: 20 })
    await page.clock.runFor(1)
    const beacons = await proxy.answered('nhip', 5)
    expect(timeline(beacons)).toEqual(['view 0', 'heartbeat 30', 'heartbeat 60', 'leave 62', 'heartbeat 192'])
    expect(beacons[3]?.d).toBe(62)
    await close()
  })
})
