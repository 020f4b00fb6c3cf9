/** Remembers what a pure function made of a text. */
export interface TextCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
}

/**
 * A bounded cache of two generations: when the young one is full it becomes the old one, and the old one is dropped.
 * What is asked for stays, at one Map look-up a hit and no list to keep. Holds at most `2 * limit` entries.
 */
export function createTextCache<V>(limit: number): TextCache<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  const set = (key: string, value: V): void => {
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  const get = (key: string): V | undefined => {
    const value = young.get(key)
    if (value !== undefined) return value
    const older = old.get(key)
    if (older !== undefined) set(key, older)
    return older
  }
  return { get, set }
}
