import { flush } from './delivery.js'
import { event, view, viewIfMoved } from './page-views.js'
import { hide, isVisible, show, startPresence } from './presence.js'
import { onRouteChange } from './route-changes.js'
import { aim } from './sender.js'
import type { Settings } from './settings.js'

/** `truycap('view', { url, title })` or `truycap('event', name, props)`; anything else does nothing. */
export type Command = [command: string, ...rest: unknown[]]

/**
 * Counts this page from the moment it is first seen, and gives the function behind the global `truycap`. Commands that
 * come earlier wait in `held`, so that a page that is prerendered and never shown counts nothing.
 */
export function startTracker(settings: Settings, held: Command[]): (...command: Command) => void {
  let begun = false

  function begin(): void {
    begun = true
    view({})
    for (const command of held) run(...command)
    if (settings.spa) onRouteChange(viewIfMoved)
    startPresence(settings.heartbeatMs)
    addEventListener('pagehide', hide)
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) view({})
      update()
    })
    addEventListener('online', flush)
  }

  function update(): void {
    if (!isVisible()) return hide()
    if (!begun) begin()
    show()
  }

  // It never throws into the page.
  function run(...command: Command): void {
    const [name, first, props] = command
    try {
      if (!begun) held.push(command)
      else if (name === 'view') view(first || {})
      else if (name === 'event' && first) event(first, props as object)
    } catch (error) {
      // An address that is none: there is no page to count.
      void error
    }
  }

  aim(settings)
  document.addEventListener('visibilitychange', update)
  document.addEventListener('prerenderingchange', update)
  update()
  return run
}
