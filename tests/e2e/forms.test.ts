import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beacon,
  browser,
  calmTimeZone,
  createKey,
  createSite,
  endEverything,
  postEvents,
  request,
  type Product,
  startProduct,
  tempFolder,
  until,
  widget,
  type WidgetNumbers,
  widgetShows,
} from '../support/harness/index.js'

const SITE = 'forms'
const FIELDS = ['online', 'today', 'yesterday', 'week', 'month', 'year', 'total'] as const
const CACHE = 'public, max-age=15, stale-while-revalidate=60, stale-if-error=86400'
const OLD_SCRIPT = 'tracker of an earlier version'
const OLD_VERSION = `0.0.9-${createHash('sha256').update(OLD_SCRIPT).digest('hex').slice(0, 16)}`

const thousands = (count: number, separator: string): string => String(count).replace(/\B(?=(\d{3})+$)/g, separator)

/** Everything that a drawn form shows or says, without its markup. */
const textOf = (markup: string): string => markup.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, '')

describe('the forms of the widget', () => {
  let product: Product
  const ask = (path: string, headers = {}) => request({ url: product.url + path, headers })

  beforeAll(async () => {
    const apiFolder = tempFolder()
    mkdirSync(join(apiFolder, 'scripts'))
    writeFileSync(join(apiFolder, 'scripts', `t-${OLD_VERSION}.js`), OLD_SCRIPT)
    product = await startProduct({ apiFolder })
    await createSite(product, { id: SITE, timeZone: calmTimeZone() })
    const { key } = await createKey(product, SITE)
    const events = Array.from({ length: 1204 }, (_, n) => {
      const at = new Date().toISOString()
      return { site: SITE, type: 'view', id: `v${n}`, at, url: 'https://example.vn/', visitor: `reader ${n}` }
    })
    expect((await postEvents(product.url, key, events)).status).toBe(200)
    await widgetShows(product.url, SITE, { total: 1204, online: 1204 })
  })
  afterAll(endEverything)

  it('shows a site that counted nothing yet with zeros, which are a count', async () => {
    await createSite(product, { id: 'empty' })
    expect((await ask('/w/empty.txt?f=total')).text).toBe('0')
    expect(textOf((await ask('/w/empty.svg')).text)).toContain('000000000')
  })

  it.each([
    ['?lang=vi', '000001204', 'Tổng lượt truy cập: 1.204', 'Trong tuần: 1.204'],
    ['?lang=en&digits=4', '1204', 'Total visits: 1,204', 'This week: 1,204'],
    ['?digits=12&theme=led', '000000001204', 'Tổng lượt truy cập: 1.204', 'Đang online: 1.204'],
    ['?digits=1&theme=flat', '1204', 'Tổng lượt truy cập: 1.204', 'Trong năm: 1.204'],
  ])('draws %s as SVG and HTML', async (query, digits, label, line) => {
    for (const form of ['svg', 'html']) {
      const { text } = await ask(`/w/${SITE}.${form}${query}`)
      expect(text).toContain(`>${digits}<`)
      expect(text).toContain(label)
      expect(textOf(text)).toContain(line)
    }
  })

  it('says the same in every form at one moment, while readers come', async () => {
    const agreed = async (numbers: WidgetNumbers): Promise<boolean> => {
      const texts = await Promise.all(FIELDS.map(async (field) => (await ask(`/w/${SITE}.txt?f=${field}`)).text))
      const drawn = await Promise.all([ask(`/w/${SITE}.svg`), ask(`/w/${SITE}.html?lang=en`)])
      // Only what was asked between two answers that say the same was asked at their moment.
      if (!isDeepStrictEqual(await widget(product.url, SITE), numbers)) return false
      expect(texts).toEqual(FIELDS.map((field) => String(numbers[field])))
      for (const [n, separator] of ['.', ','].entries()) {
        const text = textOf(drawn[n]!.text)
        expect(text).toContain(String(numbers.total).padStart(9, '0'))
        const shown = (['online', 'week', 'month', 'year'] as const).map((field) => numbers[field] ?? NaN)
        for (const count of shown) expect(text).toContain(`: ${thousands(count, separator)}`)
      }
      return true
    }
    const { total } = await widget(product.url, SITE)
    for (let n = 1; n <= 5; n++) {
      const sent = beacon({ s: SITE })
      const headers = { 'User-Agent': browser(n) }
      await request({ url: `${product.url}/c`, method: 'POST', body: JSON.stringify(sent), headers })
      await widgetShows(product.url, SITE, { total: total! + n })
      await until(async () => agreed(await widget(product.url, SITE)), { what: `a calm moment after reader ${n}` })
    }
  })

  it.each([
    [`/w/${SITE}.svg`, 'image/svg+xml; charset=utf-8'],
    [`/w/${SITE}.html`, 'text/html; charset=utf-8'],
    [`/w/${SITE}.txt?f=yesterday`, 'text/plain; charset=utf-8'],
  ])('%s is cacheable, for any page, and has HEAD and 304', async (path, type) => {
    const { status, headers, text } = await ask(path)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': CACHE,
      'access-control-allow-origin': '*',
      'content-length': String(Buffer.byteLength(text)),
    })
    expect(headers['set-cookie']).toBeUndefined()
    const head = await request({ url: product.url + path, method: 'HEAD' })
    expect([head.status, head.text, head.headers.etag]).toEqual([200, '', headers.etag])
    const unchanged = await ask(path, { 'If-None-Match': headers.etag })
    expect([unchanged.status, unchanged.text, unchanged.headers['cache-control']]).toEqual([304, '', CACHE])
  })

  it.each([
    ['/w/nobody.svg', 404, 'site_not_found', undefined],
    [`/w/${SITE}.svg?utm_source=x`, 400, 'unknown_parameter', 'utm_source'],
    [`/w/${SITE}.svg?f=total`, 400, 'unknown_parameter', 'f'],
    [`/w/${SITE}.json?lang=vi`, 400, 'unknown_parameter', 'lang'],
    [`/w/${SITE}.html?lang=fr`, 400, 'bad_parameter', 'lang'],
    [`/w/${SITE}.html?theme=neon`, 400, 'bad_parameter', 'theme'],
    [`/w/${SITE}.html?digits=13`, 400, 'bad_parameter', 'digits'],
    [`/w/${SITE}.txt`, 400, 'bad_parameter', 'f'],
    [`/w/${SITE}.txt?f=views`, 400, 'bad_parameter', 'f'],
  ])('refuses %s with %i %s', async (path, status, code, field) => {
    const answer = await ask(path)
    expect(answer.json()).toMatchObject({ status, code, ...(field !== undefined && { field }) })
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'no-store'])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  describe('the scripts', () => {
    it.each(['t', 'w'])('/%s.js names its immutable copy and the integrity of both', async (letter) => {
      const latest = await ask(`/${letter}.js`)
      expect(latest.headers['cache-control']).toBe('public, max-age=3600')
      const copy = await ask(`/${latest.headers['content-location'] as string}`)
      expect(copy.headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect(copy.body.equals(latest.body)).toBe(true)
      const digest = `sha-256=:${createHash('sha256').update(copy.body).digest('base64')}:`
      expect([copy.headers['repr-digest'], latest.headers['repr-digest']]).toEqual([digest, digest])
    })

    it('go on being served under the version that a page named before an upgrade', async () => {
      const old = await ask(`/t/${OLD_VERSION}.js`)
      expect([old.status, old.text]).toEqual([200, OLD_SCRIPT])
      expect((await ask(`/w/${OLD_VERSION}.js`)).status).toBe(404)
    })
  })
})
