/** Runs the works of one key one after another, in the order in which they were asked for; works of other keys meanwhile. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Turns among those who share this function, in this process. */
export function turnsOfProcess(): Turns {
  const last = new Map<string, Promise<void>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work)
    const over = mine.then(
      () => undefined,
      () => undefined,
    )
    last.set(key, over)
    void over.then(() => last.get(key) === over && last.delete(key))
    return mine
  }
}
