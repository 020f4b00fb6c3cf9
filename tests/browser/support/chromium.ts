import type { Browser, BrowserContext } from 'playwright-core'
import { chromium } from 'playwright-core'
import { CHROMIUM, ensureDebianPackages } from '../../../scripts/debian-packages.mjs'
import { browser as userAgentOf } from '../../support/harness/index.js'

/** No sandbox: the tests may run as root. The rest keeps the browser from talking to anybody but the test. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Headless Chromium with a new, empty profile. Its back/forward cache is on, as readers have it and Playwright does not.
 * Without Chromium it says which command brings it, and fails.
 */
export async function openChromium(): Promise<Browser> {
  ensureDebianPackages()
  return chromium.launch({
    executablePath: CHROMIUM,
    args: CHROMIUM_ARGS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
}

/** The n-th reader: a browser of its own, with its own User-Agent, cookies and cache. */
export async function reader(chromium: Browser, n: number): Promise<BrowserContext> {
  const context = await chromium.newContext({ userAgent: userAgentOf(n) })
  context.setDefaultTimeout(10_000)
  return context
}
