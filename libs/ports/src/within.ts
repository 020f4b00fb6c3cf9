/**
 * What `work` comes to, or `otherwise` when that takes longer than `ms` or fails. The work itself goes on: a caller that
 * must not wait for ever leaves it behind.
 */
export function within<T, U>(work: Promise<T>, ms: number, otherwise: U): Promise<T | U> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), ms)
    const settle = (value: T | U): void => {
      clearTimeout(timer)
      resolve(value)
    }
    work.then(settle, () => settle(otherwise))
  })
}
