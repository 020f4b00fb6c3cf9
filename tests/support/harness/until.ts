import { setTimeout as pause } from 'node:timers/promises'

export { pause }

export interface Patience {
  timeoutMs?: number
  everyMs?: number
  /** What is waited for, for the message. */
  what?: string
}

/**
 * Asks `condition` again and again until it gives something truthy, and gives that. A throw counts as "not yet".
 * Rejects after `timeoutMs` (10 s) with the last error or the last answer in the message.
 */
export async function until<T>(condition: () => T | Promise<T>, patience: Patience = {}): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 50, what = 'the condition' } = patience
  const startedAt = performance.now()
  for (;;) {
    let last: unknown
    try {
      const value = await condition()
      if (value) return value
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() - startedAt > timeoutMs) {
      const reason = last instanceof Error ? last.message : JSON.stringify(last)
      throw new Error(`gave up on ${what} after ${timeoutMs} ms; last: ${reason}`)
    }
    await pause(everyMs)
  }
}
