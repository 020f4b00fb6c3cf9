/** Tries after the first one. With the delays below an outage of half a minute loses nothing. */
export const MAX_RETRIES = 3

const FIRST_DELAY_MS = 2000
const DAY_SECONDS = 86_400

/** Whether an answer leaves hope for a later try: anything but success and a refusal of the beacon itself. */
export function isRetryable(status: number): boolean {
  return !/^(2|40[034]|413)/.test(`${status}`)
}

/** `Retry-After` in milliseconds, 0 when absent or a date: the reader's clock is not to be trusted with dates. */
export function readRetryAfterMs(header?: string | null): number {
  return Math.min(Number(header) || 0, DAY_SECONDS) * 1000
}

/**
 * Milliseconds until the next try: 2, 8, 32 s, a quarter more or less, so that the readers of a site do not come back
 * together; always later than `Retry-After` asked for, by more than a coarse clock can hide.
 *
 * @param retry 0 for the first retry
 * @param random from 0 to 1
 */
export function retryDelayMs(retry: number, random: number, retryAfterMs: number): number {
  return Math.max(FIRST_DELAY_MS * 4 ** retry * (0.75 + random / 2), retryAfterMs * (1.1 + random / 4))
}
