import type { OutgoingHttpHeaders } from 'node:http'
import { browser } from './beacons.js'
import type { Answer, Question } from './http.js'
import { request } from './http.js'

/** `application/problem+json` (contract section 2). */
export interface Problem {
  status: number
  code: string
  detail: string
  field?: string
}

/** The problem of an answer. Throws on an answer that is none, or whose body says another status than its head. */
export function problemOf(answer: Answer): Problem {
  const type = answer.headers['content-type'] ?? ''
  if (!type.startsWith('application/problem+json'))
    throw new Error(`no problem: ${answer.status} ${type} ${answer.text}`)
  const problem = answer.json() as Problem
  if (problem.status !== answer.status) throw new Error(`the head says ${answer.status}, the body ${answer.text}`)
  if (typeof problem.detail !== 'string') throw new Error(`a problem without detail: ${answer.text}`)
  return problem
}

/** `400 bad_field u`, `429 rate_limited`: an answer in a line, for tables. Of a 2xx the status and what was dropped. */
export function verdictOf(answer: Answer): string {
  if (answer.status < 300) return [answer.status, answer.headers['truycap-dropped']].filter(Boolean).join(' ')
  const { status, code, field } = problemOf(answer)
  return [status, code, field].filter(Boolean).join(' ')
}

/** Posts to `/c` as a browser; `body` goes as it is when it is a text or bytes, else as JSON. An undefined header is left out. */
export function postBeacon(url: string, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  const sent = { 'Content-Type': 'text/plain;charset=UTF-8', 'User-Agent': browser(0), ...headers }
  return request({
    url: `${url}/c`,
    method: 'POST',
    headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
}

export function getPixel(
  url: string,
  query: Readonly<Record<string, string>>,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  return request({
    url: `${url}/c.gif?${new URLSearchParams(query).toString()}`,
    headers: { 'User-Agent': browser(0), ...headers },
  })
}

/** What `POST /v1/events` answers (contract section 3). */
export interface Receipt {
  accepted: number
  dropped: Record<string, number>
  rejected: { line: number; code: string }[]
  rejectedTotal: number
}

/** Sends any body to `/v1/events`, as NDJSON unless the headers say otherwise. */
export function postEventsBody(
  url: string,
  key: string | undefined,
  body: NonNullable<Question['body']>,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  return request({
    url: `${url}/v1/events`,
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-ndjson',
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...headers,
    },
    body,
    timeoutMs: 60_000,
  })
}
