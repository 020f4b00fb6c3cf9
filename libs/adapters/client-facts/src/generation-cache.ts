/**
 * A map of at most `capacity` entries that keeps what is in use: when the young half is full it becomes the old one,
 * the former old one goes, and whatever is asked for again moves back to the young. So it costs one or two look-ups,
 * without the list of a true LRU, and the capacity / 2 keys used last are always in it.
 */
export class GenerationCache<V extends object> {
  private young = new Map<string, V>()
  private old = new Map<string, V>()

  /** @param capacity entries, even, at least 2 */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.young.size + this.old.size
  }

  get(key: string): V | undefined {
    const value = this.young.get(key)
    if (value !== undefined) return value
    const aged = this.old.get(key)
    if (aged !== undefined) this.set(key, aged)
    return aged
  }

  set(key: string, value: V): void {
    if (this.young.size >= this.capacity / 2 && !this.young.has(key)) {
      this.old = this.young
      this.young = new Map()
    }
    this.old.delete(key)
    this.young.set(key, value)
  }
}
