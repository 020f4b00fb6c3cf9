import type { Beacon } from './beacon.wire.js'
import { isRetryable, MAX_RETRIES, readRetryAfterMs, retryDelayMs } from './retry.js'
import { transmit } from './transport.js'

const MAX_WAITING = 10

// In memory only, and so lost with the page.
const waiting: (() => void)[] = []

/**
 * Sends a beacon made now, and tries it again with the same id while that may help. Its age comes from the monotonic
 * clock, so that a corrected wall clock cannot move the event.
 */
export function deliver(api: string, beacon: Beacon): void {
  const madeAt = performance.now()
  let retries = 0
  let heldUntil = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function attempt(): Promise<void> {
    // The door takes ages up to a day; what waited longer is refused there.
    beacon.a = Math.round(performance.now() - madeAt)
    const [status, retryAfter] = await transmit(api, beacon)
    // A heartbeat is not worth a second try: the next one says the same, and the online window spans two.
    if (!isRetryable(status) || retries >= MAX_RETRIES || beacon.e === 'heartbeat') return
    const retryAfterMs = readRetryAfterMs(retryAfter)
    heldUntil = performance.now() + retryAfterMs
    if (waiting.push(retry) > MAX_WAITING) waiting.shift()
    timer = setTimeout(retry, retryDelayMs(retries++, Math.random(), retryAfterMs))
  }

  function retry(): void {
    const index = waiting.indexOf(retry)
    // Offline, a try would be wasted: the beacon stays until the browser says that it is online.
    if (index < 0 || !navigator.onLine || performance.now() < heldUntil) return
    clearTimeout(timer)
    waiting.splice(index, 1)
    void attempt()
  }

  void attempt()
}

/** Tries everything that waits at once, except what the server asked to hold back (Retry-After). */
export function flush(): void {
  for (const retry of waiting.slice()) retry()
}
