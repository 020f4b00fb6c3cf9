import { within } from '#ports'

/** More keys than this at once are a flood; they are not known rather than one huge read. */
const MOST_KEYS = 5000
const PATIENCE_AFTER_FAILURE_MS = 250

export interface BatchLimits {
  readonly readLimitMs: number
  /** After a failure nothing is read for so long. */
  readonly retryMs: number
}

/** Reads keys together: those asked for while a read is under way are read by the next one, for all who asked. */
export class BatchRead<T> {
  private wanted = new Set<string>()
  private next: Promise<T | null> | undefined
  private flight: Promise<unknown> = Promise.resolve()
  private failedAtMs: number | null = null

  constructor(
    private readonly limits: BatchLimits,
    private readonly now: () => number,
    private readonly read: (keys: readonly string[]) => Promise<T>,
  ) {}

  /** A read that has all `keys`, perhaps more; null when it fails, takes too long, or did so a moment ago. */
  get(keys: readonly string[]): Promise<T | null> {
    if (this.isPausing() || this.wanted.size + keys.length > MOST_KEYS) return Promise.resolve(null)
    for (const key of keys) this.wanted.add(key)
    this.next ??= this.flight.then(() => this.begin())
    return this.next
  }

  private begin(): Promise<T | null> {
    const keys = [...this.wanted]
    this.wanted = new Set()
    this.next = undefined
    if (this.isPausing()) return Promise.resolve(null)
    const limitMs = this.failedAtMs === null ? this.limits.readLimitMs : PATIENCE_AFTER_FAILURE_MS
    const flight = within(this.read(keys), limitMs, null).then((value) => {
      this.failedAtMs = value === null ? this.now() : null
      return value
    })
    this.flight = flight
    return flight
  }

  private isPausing(): boolean {
    if (this.failedAtMs === null) return false
    const sinceMs = this.now() - this.failedAtMs
    return sinceMs >= 0 && sinceMs < this.limits.retryMs
  }
}
