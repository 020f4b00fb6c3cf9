/** A map that keeps at most `limit` entries: those that were set or asked for last. */
export class RecentMap<K, V> {
  private readonly entries = new Map<K, V>()

  constructor(private readonly limit: number) {}

  get(key: K): V | undefined {
    const value = this.entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    this.entries.delete(key)
    this.entries.set(key, value)
    if (this.entries.size <= this.limit) return
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest)
      break
    }
  }

  delete(key: K): void {
    this.entries.delete(key)
  }

  /** Longest not asked for first. */
  all(): IterableIterator<[K, V]> {
    return this.entries.entries()
  }

  /** Longest not asked for first. */
  values(): IterableIterator<V> {
    return this.entries.values()
  }
}
