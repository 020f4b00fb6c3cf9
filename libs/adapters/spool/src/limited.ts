/** Settles as `work` does, or rejects when that takes longer than `ms`. The work itself goes on, and may still be done. */
export function limited(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The log did not answer within ${ms} ms.`)), ms)
    const settle = (end: () => void): void => {
      clearTimeout(timer)
      end()
    }
    // Once for every append, so no further promise is chained.
    work.then(
      () => settle(resolve),
      (error: unknown) => settle(() => reject(error as Error)),
    )
  })
}
