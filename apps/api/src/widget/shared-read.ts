import { within } from '#ports'

export interface ReadLimits {
  /** How long one waits for a read; a quarter of a second after a failure, so that a dead source makes nobody wait twice. */
  readonly patienceMs: number
  /** Between the beginnings of two tries when the first failed or hangs. */
  readonly retryMs: number
}

const PATIENCE_AFTER_FAILURE_MS = 250

/** One read under way at most, shared by all who ask for it, and given up when it fails or takes too long. */
export class SharedRead<T> {
  private flight: Promise<T | null> | undefined
  private begunAtMs = Number.NEGATIVE_INFINITY
  private failed = false

  constructor(private readonly limits: ReadLimits) {}

  /**
   * What the read under way brings, or one that begins now; null when it fails, is not there in time, or was tried a
   * moment ago in vain. `read` goes on when nobody waits any more and may still keep what it finds.
   */
  async get(nowMs: number, read: () => Promise<T>): Promise<T | null> {
    const elapsedMs = nowMs - this.begunAtMs
    const isRecent = elapsedMs >= 0 && elapsedMs < this.limits.retryMs
    const patienceMs = this.failed ? PATIENCE_AFTER_FAILURE_MS : this.limits.patienceMs
    if (this.flight !== undefined && isRecent) return within(this.flight, Math.max(0, patienceMs - elapsedMs), null)
    if (this.failed && isRecent) return null
    if (this.flight !== undefined) this.failed = true
    return within(this.begin(nowMs, read), this.failed ? PATIENCE_AFTER_FAILURE_MS : this.limits.patienceMs, null)
  }

  private begin(nowMs: number, read: () => Promise<T>): Promise<T | null> {
    this.begunAtMs = nowMs
    const flight: Promise<T | null> = read().then(
      (value) => this.land(flight, value, false),
      () => this.land(flight, null, true),
    )
    this.flight = flight
    return flight
  }

  private land(flight: Promise<T | null>, value: T | null, failed: boolean): T | null {
    if (this.flight !== flight) return value
    this.flight = undefined
    this.failed = failed
    return value
  }
}
