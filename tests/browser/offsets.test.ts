import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standalone } from '../support/harness/index.js'
import {
  calmTimeZone,
  createSite,
  endEverything,
  postOffsets,
  startStandalone,
  widgetShows,
} from '../support/harness/index.js'
import type { OwnerPages } from './support/index.js'
import { openChromium, pageWith, reader, startOwnerPages, viewsText, widgetText } from './support/index.js'

let product: Standalone
let pages: OwnerPages
let chromium: Browser

beforeAll(async () => {
  ;[product, pages, chromium] = await Promise.all([startStandalone(), startOwnerPages(), openChromium()])
})

afterAll(async () => {
  await chromium?.close()
  await pages?.close()
  await endEverything()
})

describe('a newspaper that brought the numbers of its old counter', () => {
  it('and then had one reader shows exactly the old numbers and one', async () => {
    await createSite(product, { id: 'bao', bots: 'count', timeZone: calmTimeZone() })
    const reason = 'bộ đếm cũ'
    const answer = await postOffsets({ url: product.url, siteId: 'bao', key: product.adminKey }, [
      { field: 'total', shown: 2_390_401, reason },
      { field: 'year', shown: 229_536, reason },
      { field: 'month', shown: 37_086, reason },
      { field: 'week', shown: 7_666, reason },
      { field: 'views', path: '/tin/123', shown: 56, reason },
    ])
    expect(answer.status).toBe(201)
    const body = '<truycap-widget></truycap-widget><p data-truycap-views>chưa có</p>'
    const page = await (await reader(chromium, 0)).newPage()
    await page.goto(pages.put('/tin/123', pageWith({ host: product.url, site: 'bao', body })))
    await widgetShows(product.url, 'bao', { online: 1, total: 2_390_402 })
    // The same reader in the same visit, so this changes no number, and what the page shows is final.
    await page.reload()
    await page.locator('truycap-widget [part=box][data-state=fresh]').waitFor()
    expect(await widgetText(page)).toEqual([
      'Thống kê truy cập',
      '002390402',
      'Đang online: 1',
      'Trong tuần: 7.667',
      'Trong tháng: 37.087',
      'Trong năm: 229.537',
    ])
    await expect.poll(() => viewsText(page), { timeout: 10_000 }).toEqual(['Lượt xem: 57'])
  })
})
