import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Browser, BrowserContext } from 'playwright-core'
import { chromium } from 'playwright-core'
import { CHROMIUM, ensureDebianPackages } from '../../../scripts/debian-packages.mjs'
import { tempFolder } from '../../support/harness/index.js'
import { CHROMIUM_ARGS } from './chromium.js'

/** One window in which only the tab in front is visible. */
export interface TabbedChromium {
  context: BrowserContext
  close(): Promise<void>
}

async function addressIn(stderr: Readable): Promise<string> {
  const seen: string[] = []
  for await (const line of createInterface({ input: stderr })) {
    const address = /ws:\S+/.exec(line)?.[0]
    if (address !== undefined) return address
    seen.push(line)
  }
  throw new Error(`Chromium did not start\n${seen.join('\n')}`)
}

/** A Chromium that is just starting now and then never answers the first who looks in. */
async function connected(address: string, triesLeft = 2): Promise<Browser> {
  const looking = chromium.connectOverCDP(address, { noDefaults: true, timeout: 8000 })
  if (triesLeft === 0) return looking
  return looking.catch(() => connected(address, triesLeft - 1))
}

async function windowOf(stderr: Readable): Promise<BrowserContext> {
  const address = await addressIn(stderr)
  stderr.resume()
  const browser = await connected(address)
  const context = browser.contexts()[0]
  if (context === undefined) throw new Error('Chromium has no window')
  context.setDefaultTimeout(10_000)
  return context
}

/**
 * Chromium as people have it. In one that Playwright starts every tab says that it is visible, so this one is started
 * here and Playwright only looks in.
 */
export async function openTabbedChromium(): Promise<TabbedChromium> {
  ensureDebianPackages()
  const profile = tempFolder()
  const args = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...CHROMIUM_ARGS]
  const child = spawn(CHROMIUM, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const context = await windowOf(child.stderr).catch((error: unknown) => {
    kill()
    throw error
  })
  return {
    context,
    close: async () => {
      const exited = once(child, 'exit')
      kill()
      await exited
      process.off('exit', kill)
    },
  }
}
