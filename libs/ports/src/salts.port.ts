/**
 * The daily salts behind the visitor hash (contract section 1, Visitor): one random 32-byte salt per calendar date,
 * shared by all sites and zones, made for 3 days back to 7 ahead, destroyed at 12:00 UTC of D+3.
 */
export interface Salts {
  /** 64 lower-case hex characters, or null when this process lacks the salt of that day (intake then answers 503). `day` as in Event. */
  saltOf(day: number): string | null
  /** Makes what is missing and destroys what is due, by the given time; safe to call at any moment and as often as one likes. */
  maintain(nowMs: number): Promise<void>
}
export const SALTS = Symbol('Salts')
