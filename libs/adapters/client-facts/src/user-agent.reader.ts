import { BROWSER_MAP, getParser, OS_MAP } from 'bowser'
import type { Parser } from 'bowser'
import type { DeviceClass, UserAgentFacts } from '#ports'
import { APP_BROWSERS, BROWSER_RENAMES, DEVICE_MARKS, SYSTEM_NAMES, WEB_VIEWS } from './browser-names.data.js'

export const NO_FACTS: UserAgentFacts = { browser: '', system: '', device: '' }

// bowser names what it does not know after the User-Agent's own words: anybody could make names without end.
const knownBrowsers = new Set(Object.values(BROWSER_MAP))
const knownSystems = new Set(Object.values(OS_MAP))
const deviceClasses = new Map<string, DeviceClass>(
  (['desktop', 'mobile', 'tablet', 'tv'] as const).map((device) => [device, device]),
)

function firstMatch<T>(marks: readonly (readonly [T, RegExp])[], userAgent: string): T | undefined {
  return marks.find(([, mark]) => mark.test(userAgent))?.[0]
}

function browserOf(parser: Parser, userAgent: string): string {
  const app = firstMatch(APP_BROWSERS, userAgent)
  if (app !== undefined) return app
  const name = parser.getBrowserName()
  if (name === 'Chrome' || name === 'Safari') return firstMatch(WEB_VIEWS, userAgent) ?? name
  return BROWSER_RENAMES.get(name) ?? (knownBrowsers.has(name) ? name : '')
}

function systemOf(parser: Parser, userAgent: string): string {
  const name = firstMatch(SYSTEM_NAMES, userAgent)
  if (name !== undefined) return name
  return knownSystems.has(parser.getOSName()) ? parser.getOSName() : ''
}

function deviceOf(parser: Parser, userAgent: string): DeviceClass {
  const marked = firstMatch(DEVICE_MARKS, userAgent)
  if (marked !== undefined) return marked
  return deviceClasses.get(parser.getPlatformType()) ?? (/mobi/i.test(userAgent) ? 'mobile' : '')
}

/**
 * Browser, system and device of a User-Agent, without versions: browsers freeze those that matter (Windows 11 says 10,
 * macOS says 10.15.7, Android says 10), and every version would be a value of its own in the store.
 * About 15 us; cache it.
 */
export function readUserAgent(userAgent: string, isCrawler: boolean): UserAgentFacts {
  if (userAgent === '') return NO_FACTS
  const parser = getParser(userAgent, true)
  return {
    browser: browserOf(parser, userAgent),
    system: systemOf(parser, userAgent),
    device: isCrawler ? 'bot' : deviceOf(parser, userAgent),
  }
}
