/** Every error code of every door, with its status and what it says. A closed list (contract section 2). */
export const PROBLEMS = {
  bad_json: [400, 'The body is not valid JSON in UTF-8.'],
  bad_field: [400, 'A field is missing or has a wrong type, range or length.'],
  unsupported_version: [400, 'This version of the beacon is not known.'],
  unknown_parameter: [400, 'This query parameter is not known here.'],
  bad_parameter: [400, 'A query parameter has a wrong value.'],
  too_many_paths: [400, 'At most 50 paths can be asked for at once.'],
  at_in_future: [400, 'The time of the event lies more than 60 seconds ahead.'],
  too_old: [400, 'The time of the event lies more than 48 hours back.'],
  wrong_site: [400, 'The event names another site than the key belongs to.'],
  unauthorized: [401, 'A valid key is needed: Authorization: Bearer <key>.'],
  forbidden: [403, 'This key has no right to do that.'],
  host_not_allowed: [403, 'The page is on a host that the site does not list.'],
  site_not_found: [404, 'No such site.'],
  route_not_found: [404, 'No such address.'],
  method_not_allowed: [405, 'This method is not allowed here.'],
  site_exists: [409, 'A site with this id exists or existed.'],
  offset_breaks_order: [409, 'A shown number would fall below zero or out of order.'],
  idempotency_conflict: [409, 'This Idempotency-Key was used with another body.'],
  too_large: [413, 'The body is too large.'],
  too_many_beacons: [413, 'Too many at once: at most 20 beacons, or 1,000 server events in an array.'],
  unsupported_media_type: [415, 'This type or encoding of the body is not taken here.'],
  rate_limited: [429, 'Too many beacons from this address; try again later.'],
  internal: [500, 'Something broke on our side.'],
  log_unavailable: [503, 'Nothing can be kept right now; send it again later.'],
  numbers_unknown: [503, 'The numbers are not known yet; try again later.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>

export type ProblemCode = keyof typeof PROBLEMS

/** An expected refusal, as a value: what `application/problem+json` carries. */
export interface Problem {
  readonly code: ProblemCode
  /** Name of the offending field or parameter. */
  readonly field?: string
  /** Seconds for Retry-After, on 429 and 503. */
  readonly retryAfter?: number
}

/** The body of the answer: `{status, code, detail, field?}` (contract section 2). */
export function problemBody(problem: Problem): { status: number; code: ProblemCode; detail: string; field?: string } {
  const [status, detail] = PROBLEMS[problem.code]
  return { status, code: problem.code, detail, ...(problem.field === undefined ? {} : { field: problem.field }) }
}

/** A problem on its way to the edge, for the doors where throwing reads best. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(PROBLEMS[problem.code][1])
    this.name = 'ProblemError'
  }
}
