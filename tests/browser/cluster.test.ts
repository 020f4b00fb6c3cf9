import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calmTimeZone, Cluster, createSite, endEverything } from '../support/harness/index.js'
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

const BODY = '<truycap-widget></truycap-widget><p data-truycap-views>chưa có</p>'
const patient = { timeout: 10_000 }

describe('an owner’s page whose two scripts come from a cluster', () => {
  let cluster: Cluster
  let pages: OwnerPages
  let chromium: Browser
  let url: string

  beforeAll(async () => {
    ;[cluster, pages, chromium] = await Promise.all([Cluster.start(), startOwnerPages(), openChromium()])
    await createSite(cluster, { id: 'bao', bots: 'count', timeZone: calmTimeZone(), onlineWindowSeconds: 1800 })
    url = pages.put('/tin/1', pageWith({ host: cluster.url, site: 'bao', body: BODY }))
  })

  afterAll(async () => {
    await chromium?.close()
    await pages?.close()
    await endEverything()
  })

  /** What a page that is opened once more shows, when all that was sent before is counted; both are `n`. */
  async function shows(page: Page, n: number): Promise<void> {
    expect(await settled(cluster.url, 'bao')).toMatchObject({ total: n, online: n })
    expect(await settledViews(cluster.url, 'bao', ['/tin/1'])).toEqual([n])
    await page.reload()
    await page.locator('truycap-widget [part=box][data-state=fresh]').waitFor()
    expect(await widgetText(page)).toEqual(widgetLines(n))
    await expect.poll(() => viewsText(page), patient).toEqual([`Lượt xem: ${n}`])
  }

  async function open(n: number): Promise<{ page: Page; asked: Set<string> }> {
    const page = await (await reader(chromium, n)).newPage()
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(request.url().split('?')[0]!.replace(cluster.url, '')))
    const taken = page.waitForResponse((response) => response.url() === `${cluster.url}/c` && response.status() === 204)
    await Promise.all([taken, page.goto(url)])
    return { page, asked }
  }

  it('shows its first reader, and is moved by a second one', async () => {
    const first = await open(0)
    await shows(first.page, 1)
    const second = await open(1)
    await shows(first.page, 2)
    await shows(second.page, 2)
    // One origin besides the owner's own, behind which are two services.
    expect([...first.asked].toSorted()).toEqual(['/c', '/t.js', '/w.js', '/w/bao.json', '/w/bao/views', url].toSorted())
  })
})
