/** The numbers of a site as the api sent them; nothing in them is checked yet. */
export type Numbers = Record<string, unknown>

/** What is known of a site's numbers. */
export type FeedState =
  | { kind: 'loading' }
  | { kind: 'failed' }
  | { kind: 'unknown-site' }
  | { kind: 'known'; numbers: Numbers }

/** An answer: HTTP status, 0 = none came or it was no JSON, and the parsed body of a success. */
export interface Answer {
  status: number
  body?: unknown
}

const MOST_BACK_OFF_MS = 900_000

function isNumbers(body: unknown): body is Numbers {
  return typeof body === 'object' && body !== null
}

/** What is known after an answer. A failure never takes numbers away that were there. */
export function nextState(state: FeedState, { status, body }: Answer): FeedState {
  if (status === 404) return { kind: 'unknown-site' }
  if (isNumbers(body)) return { kind: 'known', numbers: body }
  return state.kind === 'known' ? state : { kind: 'failed' }
}

/** The pace for widgets that want different ones: the most eager one's; 0, no refresh, only if none wants any. */
export function fastestRefreshMs(wanted: number[]): number {
  const most = Math.min(...wanted.filter(Boolean))
  return most < Infinity ? most : 0
}

/**
 * Milliseconds from one request to the next: doubled for every failure in a row up to 15 minutes, a tenth more or less,
 * so that the readers of a page do not ask together. Infinity when there is no next one.
 *
 * @param refreshMs 0 = off
 * @param random from 0 to 1
 */
export function pollDelayMs(refreshMs: number, failures: number, random: number): number {
  if (!refreshMs) return Infinity
  const backedOff = Math.min(refreshMs * 2 ** failures, Math.max(refreshMs, MOST_BACK_OFF_MS))
  return backedOff * (0.9 + random / 5)
}
