import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  calmTimeZone,
  createKey,
  createSite,
  endEverything,
  postEvents,
  type Standalone,
  startStandalone,
  widget,
  widgetShows,
} from '../support/harness/index.js'

const SITE = 'forms'
const LABEL = 'Tổng lượt truy cập: 1.204'
const LINES = ['Đang online: 1.204', 'Trong tuần: 1.204', 'Trong tháng: 1.204', 'Trong năm: 1.204']
const THEMES = ['classic', 'flat', 'led']

// What the page's own code below uses of the DOM, whose types the tests do not have.
declare function getComputedStyle(element: unknown): { getPropertyValue(name: string): string }
declare class DOMParser {
  parseFromString(text: string, type: string): ParsedXml
}
interface ParsedXml {
  querySelector(selector: string): { textContent: string } | null
  documentElement: { namespaceURI: string }
}
interface LoadedImage {
  decode(): Promise<void>
  naturalWidth: number
  naturalHeight: number
}

describe('the forms of the widget in Chromium', () => {
  let product: Standalone
  let chrome: Browser
  let host: Server
  let pageHtml = ''
  const complaints: string[] = []

  beforeAll(async () => {
    chrome = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    })
    host = createServer((_, res) => res.setHeader('content-type', 'text/html; charset=utf-8').end(pageHtml))
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    product = await startStandalone()
    await createSite(product, { id: SITE, timeZone: calmTimeZone(), onlineWindowSeconds: 1800 })
    const { key } = await createKey(product, SITE)
    const events = Array.from({ length: 1204 }, (_, n) => {
      const at = new Date().toISOString()
      return { site: SITE, type: 'view', id: `v${n}`, at, url: 'https://example.vn/', visitor: `reader ${n}` }
    })
    expect((await postEvents(product.url, key, events)).status).toBe(200)
    await widgetShows(product.url, SITE, { total: 1204, online: 1204 })
  })
  afterAll(async () => {
    await chrome.close()
    host.close()
    await endEverything()
  })
  afterEach(async () => {
    await Promise.all(chrome.contexts().map((context) => context.close()))
    complaints.length = 0
  })

  const open = async (url: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await chrome.newContext(options)
    const page = await context.newPage()
    page.on('console', (line) => complaints.push(line.text()))
    await page.goto(url)
    return page
  }
  /** A page of the owner's, on another origin than the product. */
  const openHost = (body: string, options: BrowserContextOptions = {}): Promise<Page> => {
    pageHtml = `<!doctype html>${body.replaceAll('HOST', product.url)}`
    return open(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`, options)
  }
  const styleOf = (page: Page, selector: string, name: string): Promise<string> =>
    page
      .locator(selector)
      .first()
      .evaluate((element, of) => getComputedStyle(element).getPropertyValue(of), name)

  describe('with scripts off', () => {
    const off = { javaScriptEnabled: false }

    it('shows the HTML in an iframe of another origin, sandboxed at that', async () => {
      const page = await openHost(`<iframe sandbox src="HOST/w/${SITE}.html"></iframe>`, off)
      const frame = page.frameLocator('iframe')
      await frame.locator('main').waitFor()
      const text = await frame.locator('main').innerText()
      expect(text.split('\n').filter(Boolean)).toEqual(['Thống kê truy cập', '000001204', ...LINES])
      expect(complaints).toEqual([])
    })

    it('draws the SVG as an image of another origin', async () => {
      const page = await openHost(`<img alt="" src="HOST/w/${SITE}.svg?digits=12">`, off)
      const size = await page.locator('img').evaluate(async (element) => {
        const image = element as unknown as LoadedImage
        await image.decode()
        return [image.naturalWidth, image.naturalHeight]
      })
      expect(size).toEqual([296, 194])
    })

    it('shows the SVG by itself, styled under its own policy', async () => {
      const page = await open(`${product.url}/w/${SITE}.svg`, off)
      expect(await page.locator('text').allTextContents()).toEqual(['Thống kê truy cập', '000001204', ...LINES])
      expect(await styleOf(page, '.c', 'fill')).toBe('rgb(34, 34, 34)')
      expect(complaints).toEqual([])
    })
  })

  it('gives screen readers one image with the total and every line, of the SVG', async () => {
    const page = await open(`${product.url}/w/${SITE}.svg`)
    const client = await page.context().newCDPSession(page)
    const { nodes } = await client.send('Accessibility.getFullAXTree')
    const images = nodes.filter(({ ignored, role }) => !ignored && /^(image|img|graphics-)/.test(String(role?.value)))
    expect(images.map(({ name }) => name?.value as string)).toEqual([`${LABEL} ${LINES.join('. ')}`])
    const texts = nodes.filter(({ ignored, role }) => !ignored && role?.value === 'StaticText')
    expect(texts).toEqual([])
  })

  it('gives screen readers the total as one image and the rest as a list of terms, of the HTML', async () => {
    const page = await open(`${product.url}/w/${SITE}.html`)
    const tree = await page.locator('body').ariaSnapshot()
    expect(tree).toContain('- heading "Thống kê truy cập" [level=1]')
    expect(tree).toContain(`img "${LABEL}"`)
    const pairs = [...tree.matchAll(/- term: "(.*)"\n\s*- definition: "(.*)"/g)]
    expect(pairs.map(([, term, definition]) => `${term} ${definition}`)).toEqual(LINES)
  })

  it('has well-formed SVG in every language, theme and number of digits', async () => {
    const page = await open(`${product.url}/w/${SITE}.txt?f=total`)
    const queries = ['vi', 'en'].flatMap((lang) =>
      THEMES.flatMap((theme) => Array.from({ length: 12 }, (_, n) => `?lang=${lang}&theme=${theme}&digits=${n + 1}`)),
    )
    const addresses = queries.map((query) => `${product.url}/w/${SITE}.svg${query}`)
    const roots = await page.evaluate(async (all) => {
      const parse = async (address: string): Promise<string | null> => {
        const parsed = new DOMParser().parseFromString(await (await fetch(address)).text(), 'image/svg+xml')
        return parsed.querySelector('parsererror')?.textContent ?? parsed.documentElement.namespaceURI
      }
      return Promise.all(all.map(parse))
    }, addresses)
    expect(roots).toHaveLength(72)
    expect(new Set(roots)).toEqual(new Set(['http://www.w3.org/2000/svg']))
  })

  it.each(THEMES)('follows the dark mode of the reader in the theme %s, alike in every form', async (theme) => {
    const boxes: string[][] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      const html = await open(`${product.url}/w/${SITE}.html?theme=${theme}`, { colorScheme })
      const svg = await open(`${product.url}/w/${SITE}.svg?theme=${theme}`, { colorScheme })
      const element = await openHost(
        `<script defer src="HOST/w.js"></script><truycap-widget site="${SITE}" theme="${theme}"></truycap-widget>`,
        { colorScheme },
      )
      await element.getByText('Trong năm').waitFor()
      const box = [
        await styleOf(html, 'main', 'background-color'),
        await styleOf(svg, '.b', 'fill'),
        await styleOf(element, '[part=box]', 'background-color'),
      ]
      const digits = [
        await styleOf(html, '.t b', 'color'),
        await styleOf(svg, '.d', 'fill'),
        await styleOf(element, '[part=digit]', 'color'),
      ]
      expect(new Set(box).size).toBe(1)
      expect(new Set(digits).size).toBe(1)
      boxes.push(box)
    }
    expect(boxes[0]).not.toEqual(boxes[1])
  })

  it('speaks the nearest language around the widget', async () => {
    const page = await openHost(
      `<html lang="en"><script defer src="HOST/w.js"></script>
       <truycap-widget site="${SITE}"></truycap-widget>
       <p lang="vi"><truycap-widget site="${SITE}"></truycap-widget></p>
       <truycap-widget lang="vi" site="${SITE}"></truycap-widget>`,
    )
    await page.getByText('This year').waitFor()
    const lasts = await page.locator('[part=line]:last-child').allTextContents()
    expect(lasts).toEqual(['This year: 1,204', 'Trong năm: 1.204', 'Trong năm: 1.204'])
  })

  describe('scripts with integrity', () => {
    const pinned = async (letter: 't' | 'w'): Promise<{ src: string; integrity: string }> => {
      const { headers } = await fetch(`${product.url}/${letter}.js`)
      const sha256 = /^sha-256=:(.+):$/.exec(headers.get('repr-digest') ?? '')![1]
      return { src: `HOST/${headers.get('content-location')}`, integrity: `sha256-${sha256}` }
    }
    const tag = ({ src, integrity }: { src: string; integrity: string }, attributes = ''): string =>
      `<script defer src="${src}" integrity="${integrity}" crossorigin="anonymous"${attributes}></script>`
    const element = `<truycap-widget site="${SITE}"></truycap-widget>`

    it('run, count the page and draw the numbers', async () => {
      await createSite(product, { id: 'pinned', bots: 'count', timeZone: calmTimeZone() })
      const scripts = tag(await pinned('t'), ' data-site="pinned"') + tag(await pinned('w'))
      const page = await openHost(scripts + element)
      await page.getByText('Trong năm: 1.204').waitFor()
      await widgetShows(product.url, 'pinned', { total: 1 })
    })

    it('do not run when one character of the integrity is another', async () => {
      const { src, integrity } = await pinned('w')
      const other = integrity.replace(/.=$/, (end) => (end === 'A=' ? 'E=' : 'A='))
      const page = await openHost(tag({ src, integrity: other }) + element)
      await expect.poll(() => complaints.join()).toContain('integrity')
      expect(await page.evaluate(`customElements.get('truycap-widget') === undefined`)).toBe(true)
      expect((await widget(product.url, SITE)).total).toBe(1204)
    })
  })
})
