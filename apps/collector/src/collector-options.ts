/** What the collector needs of the configuration (contract section 6). */
export interface CollectorOptions {
  /** `TRUST_PROXY`: addresses and CIDRs. */
  readonly trustProxy: readonly string[]
  /** `RATE_PER_SECOND` and `RATE_BURST`; 0 = off. */
  readonly ratePerSecond: number
  readonly rateBurst: number
  /** SHA-256 of the admin key, hex, as `hashOfKey` makes it; without it no admin key is taken at `/v1/events`. */
  readonly adminKeyHash?: string
}
export const COLLECTOR_OPTIONS = Symbol('CollectorOptions')
