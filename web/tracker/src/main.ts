import { readSettings } from './settings.js'
import { startTracker, type Command } from './tracker.js'

/** The one global: before this script a stub that queues in `q`, after it the function itself, marked with `v`. */
interface TruycapGlobal {
  (...command: Command): void
  q?: Command[]
  v?: number
}

function main(page: { truycap?: TruycapGlobal }): void {
  const earlier = page.truycap
  const script = (document.currentScript || document.querySelector('script[data-site]')) as HTMLScriptElement | null
  if (!script || (earlier && earlier.v)) return
  // An inline copy has no address of its own.
  const settings = readSettings(script.dataset, new URL(script.src || location.href).origin)
  if (settings) page.truycap = Object.assign(startTracker(settings, (earlier && earlier.q) || []), { v: 1 })
  else console.warn('truycap: no data-site')
}

main(window as { truycap?: TruycapGlobal })
