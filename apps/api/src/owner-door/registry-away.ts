import { Logger } from '@nestjs/common'
import { type Problem, ProblemError } from '#domain'
import { errorTrace } from '#http'
import { within } from '#ports'

/** The registry takes or tells nothing now. */
export const REGISTRY_AWAY: Problem = { code: 'log_unavailable', retryAfter: 1 }

const WRITE_LIMIT_MS = 10_000
const logger = new Logger('Registry')

/** What a write to the registry comes to; 503 when it fails or takes too long, whether or not it was done after all. */
export async function written<T>(write: Promise<T>): Promise<T> {
  const done = write.then(
    (value) => ({ value }),
    (error: unknown) => void logger.warn(`A write to the registry failed: ${errorTrace(error)}`),
  )
  const outcome = await within(done, WRITE_LIMIT_MS, undefined)
  if (outcome === undefined) throw new ProblemError(REGISTRY_AWAY)
  return outcome.value
}
