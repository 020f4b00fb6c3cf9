import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type Problem, problemBody } from '#domain'

/** Status, headers and body of `application/problem+json` (contract section 2); errors are never cached. */
export function problemResponse(problem: Problem): { status: number; headers: OutgoingHttpHeaders; body: string } {
  const body = problemBody(problem)
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  }
  if (problem.retryAfter !== undefined) headers['retry-after'] = String(problem.retryAfter)
  if (body.status === 401) headers['www-authenticate'] = 'Bearer'
  return { status: body.status, headers, body: JSON.stringify(body) }
}

/** Answers with a problem on a bare response; `extra` headers win. */
export function sendProblem(res: ServerResponse, problem: Problem, extra: OutgoingHttpHeaders = {}): void {
  const { status, headers, body } = problemResponse(problem)
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), ...extra })
  res.end(body)
}
