import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, ensureDebianPackages } from '../../scripts/debian-packages.mjs'
import type { Standalone } from '../support/harness/index.js'
import {
  browser as userAgentOf,
  calmTimeZone,
  createSite,
  endEverything,
  postOffsets,
  startStandalone,
  widgetShows,
} from '../support/harness/index.js'

let product: Standalone
let reader: Browser
let website: Server

/** A page of the owner, on another origin than the product. */
const page = () => `<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Báo</title>
  <script defer src="${product.url}/t.js" data-site="bao"></script><script defer src="${product.url}/w.js"></script>
  </head><body><truycap-widget site="bao"></truycap-widget><p data-truycap-views>chưa có</p></body></html>`

beforeAll(async () => {
  ensureDebianPackages()
  website = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    response.end(page())
  })
  await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve))
  ;[product, reader] = await Promise.all([
    startStandalone(),
    chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] }),
  ])
})

afterAll(async () => {
  await reader?.close()
  website?.close()
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
    const tab = await (await reader.newContext({ userAgent: userAgentOf(0) })).newPage()
    const url = `http://127.0.0.1:${(website.address() as AddressInfo).port}/tin/123`
    await tab.goto(url)
    await widgetShows(product.url, 'bao', { online: 1, total: 2_390_402 })
    // The same reader in the same visit, so this changes no number, and what the page shows is final.
    await tab.reload()
    await tab.locator('truycap-widget [part=box][data-state=fresh]').waitFor()
    expect((await tab.locator('truycap-widget [part=box]').innerText()).split('\n')).toEqual([
      'Thống kê truy cập',
      '002390402',
      'Đang online: 1',
      'Trong tuần: 7.667',
      'Trong tháng: 37.087',
      'Trong năm: 229.537',
    ])
    await expect
      .poll(() => tab.locator('[data-truycap-views]').allInnerTexts(), { timeout: 10_000 })
      .toEqual(['Lượt xem: 57'])
  })
})
