const SETTLE_MS = 60

/**
 * Calls back 60 ms after the last change of the address without a page load. The page's own calls work as before: they
 * throw what they threw and nothing else, and a page that froze `history` only loses its automatic views.
 */
export function onRouteChange(changed: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle(): void {
    try {
      clearTimeout(timer)
      timer = setTimeout(changed, SETTLE_MS)
    } catch (error) {
      // The page replaced its timers; counting is not worth an error in its router.
      void error
    }
  }

  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    try {
      history[name] = function (this: History, ...args: Parameters<History['pushState']>) {
        const result = original.apply(this, args)
        settle()
        return result
      }
    } catch (error) {
      void error
    }
  }
  addEventListener('popstate', settle)
}
