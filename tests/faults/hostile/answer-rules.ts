import type { RawAnswer } from './raw-client.js'

/** The closed list of contract section 2, copied from the page and not from the code. */
export const CODES = new Set(
  (
    'bad_json bad_field unsupported_version too_many_beacons too_large unsupported_media_type method_not_allowed ' +
    'route_not_found site_not_found host_not_allowed rate_limited log_unavailable unauthorized forbidden site_exists ' +
    'unknown_parameter bad_parameter too_many_paths numbers_unknown offset_breaks_order idempotency_conflict ' +
    'at_in_future too_old wrong_site internal'
  ).split(' '),
)

/** The only 5xx that a door may answer, by its code. */
const DOCUMENTED_503 = new Set(['log_unavailable', 'numbers_unknown'])

/** What any door of ours ever writes: a header that is not here was put there by somebody else. */
const HEADERS = new Set([
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'allow',
  'cache-control',
  'connection',
  'content-length',
  'content-location',
  'content-security-policy',
  'content-type',
  'date',
  'etag',
  'keep-alive',
  'link',
  'repr-digest',
  'retry-after',
  'truycap-dropped',
  'www-authenticate',
  'x-content-type-options',
  'x-robots-tag',
])

/** How a request must be answered. */
export interface AnswerRule {
  /** A door of the API: every error is a problem. The ops port answers its errors as plain text. */
  readonly problems: boolean
  /** The bytes may be no HTTP at all: then a bare 400, 408, 413 or 431 is an answer too. */
  readonly maybeNoHttp: boolean
  readonly head: boolean
}

const BARE_STATUSES = new Set([400, 408, 413, 431])

function problemFault(answer: RawAnswer): string | null {
  const type = answer.headers.find(([name]) => name === 'content-type')?.[1]
  if (type !== 'application/problem+json; charset=utf-8') return `an error of type ${type}`
  const body = JSON.parse(answer.body.toString()) as { status?: unknown; code?: unknown; detail?: unknown }
  if (body.status !== answer.status) return `status ${String(body.status)} in the body of a ${answer.status}`
  if (typeof body.code !== 'string' || !CODES.has(body.code)) return `the code ${String(body.code)}`
  if (typeof body.detail !== 'string' || body.detail === '') return 'no detail'
  if (answer.status >= 500 && !(answer.status === 503 && DOCUMENTED_503.has(body.code))) {
    return `${answer.status} ${body.code}`
  }
  return null
}

/** What is wrong with an answer; null when nothing is. */
export function faultOf(answer: RawAnswer, rule: AnswerRule): string | null {
  const isBare = rule.maybeNoHttp && BARE_STATUSES.has(answer.status) && answer.body.length === 0
  const foreign = answer.headers.find(([name]) => !HEADERS.has(name) && !(isBare && name === 'transfer-encoding'))
  if (foreign !== undefined) return `the header ${foreign.join(': ').slice(0, 100)}`
  if (isBare) return null
  if (!rule.problems) return answer.status >= 500 && answer.status !== 503 ? `status ${answer.status}` : null
  if (answer.status < 400) return null
  if (rule.head) return answer.status >= 500 && answer.status !== 503 ? `status ${answer.status}` : null
  return problemFault(answer)
}
