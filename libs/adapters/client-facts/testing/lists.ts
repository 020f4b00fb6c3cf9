import { readFileSync } from 'node:fs'

/** A real User-Agent, and what somebody who knows the product would say of it. */
export interface BrowserRow {
  readonly label: string
  readonly browser: string
  readonly system: string
  readonly device: string
  readonly userAgent: string
}

/** The lines of a list in this folder, each once, without its comments. */
export function readList(name: string): readonly string[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return [...new Set(text.split('\n').filter((line) => line !== '' && !line.startsWith('# ')))]
}

/** `browsers.txt`: real browsers with their facts. */
export function readBrowsers(): readonly BrowserRow[] {
  return readList('browsers.txt').map((line) => {
    const [label = '', browser = '', system = '', device = '', userAgent = ''] = line.split(' | ')
    return { label, browser, system: system === '–' ? '' : system, device, userAgent }
  })
}
