import type { Page, Problem, Site } from '#domain'
import type { Sighting } from './sighting.js'

/** Why a beacon is left out, in the order of precedence (contract section 2). A closed list and a metric label. */
export const DROP_REASONS = ['bot', 'prefetch', 'excluded'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** An event that is to be kept, before it is stamped. */
export interface Draft {
  readonly sighting: Sighting
  readonly site: Site
  /** Null on heartbeat and leave. */
  readonly page: Page | null
  /** An automat on a site that counts them. */
  readonly bot: boolean
}

export type Verdict =
  | { readonly kept: Draft; readonly dropped?: never; readonly problem?: never }
  | { readonly dropped: DropReason; readonly kept?: never; readonly problem?: never }
  | { readonly problem: Problem; readonly kept?: never; readonly dropped?: never }

const RETRY_AFTER_SECONDS = 5

/** Nothing can be kept, or it cannot be known whether it should be: the sender tries again with the same id. */
export const LOG_UNAVAILABLE: Problem = { code: 'log_unavailable', retryAfter: RETRY_AFTER_SECONDS }
