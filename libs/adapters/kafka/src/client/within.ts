import { setTimeout as wait } from 'node:timers/promises'

/** Waits for a promise, but no longer than that: what a frozen broker still owes must not hold up an orderly end. */
export async function within(limitMs: number, promise: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  const settled = promise.then(
    () => undefined,
    () => undefined,
  )
  await Promise.race([settled, wait(limitMs, undefined, { signal: late.signal }).catch(() => undefined)])
  late.abort()
}
