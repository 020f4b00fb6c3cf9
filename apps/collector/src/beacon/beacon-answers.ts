import type { ServerResponse } from 'node:http'
import type { Problem } from '#domain'
import { sendProblem } from '#http'
import { PIXEL } from './pixel.js'

/** On every answer of the browser door (contract section 2); no answer ever sets a cookie. In lower case, as `problemResponse` writes them. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Truycap-Dropped, Retry-After',
  'cache-control': 'no-store',
}

/** Prepared, because headers set one by one cost 1-3 us a request (docs/performance.md). */
const NO_CONTENT = Object.entries(CORS).flat()
const IMAGE = [...NO_CONTENT, 'content-type', 'image/gif', 'content-length', String(PIXEL.length)]
const PREFLIGHT = [...NO_CONTENT, 'access-control-allow-headers', 'Content-Type', 'access-control-max-age', '86400']

/** `dropped` is the value of `Truycap-Dropped`; '' = no such header. */
export function answerNoContent(res: ServerResponse, dropped: string): void {
  res.writeHead(204, dropped === '' ? NO_CONTENT : [...NO_CONTENT, 'truycap-dropped', dropped])
  res.end()
}

export function answerImage(res: ServerResponse, dropped: string): void {
  res.writeHead(200, dropped === '' ? IMAGE : [...IMAGE, 'truycap-dropped', dropped])
  res.end(PIXEL)
}

/** Any origin may send; a page may read the answer. `methods` as in Allow. */
export function answerPreflight(res: ServerResponse, methods: string): void {
  res.writeHead(204, [...PREFLIGHT, 'access-control-allow-methods', methods])
  res.end()
}

export function answerProblem(res: ServerResponse, problem: Problem): void {
  sendProblem(res, problem, CORS)
}

export function answerMethodNotAllowed(res: ServerResponse, methods: string): void {
  sendProblem(res, { code: 'method_not_allowed' }, { ...CORS, allow: methods })
}
