import { setTimeout as wait } from 'node:timers/promises'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5000

/** Tries until it works: a store that is away is waited out. Rejects only when the signal aborts a wait. */
export async function untilDone<T>(
  signal: AbortSignal,
  attempt: () => Promise<T>,
  onFailure: (error: unknown) => void,
): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt()
    } catch (error) {
      onFailure(error)
      await wait(waitMs, undefined, { signal })
    }
  }
}
