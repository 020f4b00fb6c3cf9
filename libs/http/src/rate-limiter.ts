export interface RateLimits {
  readonly ratePerSecond: number
  readonly burst: number
}

/** Buckets of one generation. A full one would go unnoticed, so only a flood of addresses at once can reach it. */
const MAX_BUCKETS = 65_536

/** Thousandths of tokens, so that whole rates add up exactly: one token a second is one thousandth a millisecond. */
interface Bucket {
  thousandths: number
  atMs: number
}

/**
 * Token buckets by key (contract section 2, 429): each holds at most `burst` and gains `ratePerSecond`; a rate or burst
 * of 0 turns all off. Buckets are kept in two generations as old as a bucket takes to fill, so what is dropped is full
 * again, and memory is bounded by the keys of that time and in any case by `2 * maxBuckets`.
 */
export class RateLimiter {
  readonly off: boolean
  private readonly fillMs: number
  private young = new Map<string, Bucket>()
  private old = new Map<string, Bucket>()
  private youngSinceMs = 0

  constructor(
    private readonly limits: RateLimits,
    private readonly maxBuckets = MAX_BUCKETS,
  ) {
    this.off = limits.ratePerSecond === 0 || limits.burst === 0
    this.fillMs = (limits.burst / limits.ratePerSecond) * 1000
  }

  /** Buckets held at the moment. */
  get size(): number {
    return this.young.size + this.old.size
  }

  /**
   * Takes all the tokens wanted, or none. Returns 0 when they were taken, else the whole seconds after which to try
   * again (Retry-After). More than `burst` at once is never granted.
   */
  take(wanted: ReadonlyMap<string, number>, nowMs: number): number {
    if (this.off) return 0
    this.turn(nowMs)
    let waitSeconds = 0
    for (const [key, count] of wanted) waitSeconds = Math.max(waitSeconds, this.secondsUntil(key, count, nowMs))
    if (waitSeconds > 0) return waitSeconds
    for (const [key, count] of wanted) this.bucket(key, nowMs).thousandths -= count * 1000
    return 0
  }

  /** `take` of one token of one key, which is what nearly every request wants. */
  takeOne(key: string, nowMs: number): number {
    if (this.off) return 0
    this.turn(nowMs)
    const bucket = this.bucket(key, nowMs)
    if (bucket.thousandths < 1000) return Math.ceil((1000 - bucket.thousandths) / 1000 / this.limits.ratePerSecond)
    bucket.thousandths -= 1000
    return 0
  }

  private secondsUntil(key: string, count: number, nowMs: number): number {
    const missing = count * 1000 - this.bucket(key, nowMs).thousandths
    return missing <= 0 ? 0 : Math.ceil(missing / 1000 / this.limits.ratePerSecond)
  }

  /** The bucket of a key as it stands now. A clock that was set back fills nothing. */
  private bucket(key: string, nowMs: number): Bucket {
    const bucket = this.young.get(key) ?? this.adopt(key, nowMs)
    const gained = Math.max(0, nowMs - bucket.atMs) * this.limits.ratePerSecond
    bucket.thousandths = Math.min(this.limits.burst * 1000, bucket.thousandths + gained)
    bucket.atMs = nowMs
    return bucket
  }

  private adopt(key: string, nowMs: number): Bucket {
    if (this.young.size >= this.maxBuckets) this.startGeneration(nowMs)
    const bucket = this.old.get(key) ?? { thousandths: this.limits.burst * 1000, atMs: nowMs }
    this.old.delete(key)
    this.young.set(key, bucket)
    return bucket
  }

  private turn(nowMs: number): void {
    if (Math.abs(nowMs - this.youngSinceMs) >= this.fillMs) this.startGeneration(nowMs)
  }

  private startGeneration(nowMs: number): void {
    this.old = this.young
    this.young = new Map()
    this.youngSinceMs = nowMs
  }
}
