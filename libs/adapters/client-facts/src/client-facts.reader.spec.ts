import { describe, expect, it } from 'vitest'
import { readBrowsers } from '../testing/lists.js'
import { createClientFacts } from './index.js'

const facts = createClientFacts()
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'

describe('client facts', () => {
  it('leaves the absent User-Agent to the caller, and tells nothing of it', () => {
    expect(facts.isCrawler('')).toBe(false)
    expect(facts.userAgentFacts('')).toEqual({ browser: '', system: '', device: '' })
  })

  it('tells the same of a User-Agent every time, in whatever order it is asked', () => {
    const crawler = `${chrome} Googlebot/2.1`
    expect(facts.userAgentFacts(crawler).device).toBe('bot')
    expect(facts.isCrawler(crawler)).toBe(true)
    for (const { userAgent, browser, system, device } of [...readBrowsers(), ...readBrowsers()]) {
      expect(facts.isCrawler(userAgent)).toBe(false)
      expect(facts.userAgentFacts(userAgent)).toEqual({ browser, system, device })
    }
  })

  it('forgets User-Agents when there are too many, and judges them again', () => {
    for (let number = 0; number < 20_000; number += 1) facts.isCrawler(`${chrome} App/${number}`)
    expect(facts.isCrawler(`${chrome} App/0`)).toBe(false)
    expect(facts.userAgentFacts(`${chrome} App/0`).browser).toBe('Chrome')
  })

  it('looks at the first 1,024 characters of a long User-Agent', () => {
    const long = `${chrome} ${'x'.repeat(100_000)}`
    expect(facts.isCrawler(long)).toBe(false)
    expect(facts.userAgentFacts(long)).toEqual({ browser: 'Chrome', system: 'Windows', device: 'desktop' })
    expect(facts.isCrawler(`Googlebot/2.1 ${long}`)).toBe(true)
    expect(facts.isCrawler(`${long} Googlebot/2.1`)).toBe(false)
  })

  it('tells the country of an address', () => {
    expect(facts.country('14.160.0.1')).toBe('VN')
  })
})
