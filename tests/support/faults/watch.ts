import { expect } from 'vitest'
import type { WidgetNumbers } from '../harness/index.js'
import { pause } from '../harness/index.js'

const LOOK_EVERY_MS = 20

/** Looks again and again until `work` is over, and gives all that was seen. A look that fails fails it, at the end. */
export async function watching<T>(look: () => Promise<T>, work: () => Promise<void>): Promise<T[]> {
  const seen: T[] = []
  const over = new AbortController()
  const watch = async () => {
    while (!over.signal.aborted) {
      seen.push(await look())
      await pause(LOOK_EVERY_MS)
    }
  }
  const results = await Promise.allSettled([watch(), work().finally(() => over.abort())])
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return seen
}

/** Going on, never less than before, never zero and never stale. */
export function expectTrueNumbers(seen: readonly WidgetNumbers[]): void {
  const totals = seen.map(({ total }) => total)
  expect(totals).toEqual(totals.toSorted((a, b) => a - b))
  expect(totals.at(-1)).toBeGreaterThan(totals[0] as number)
  expect(seen.filter(({ stale, online }) => stale || online === null)).toEqual([])
}
