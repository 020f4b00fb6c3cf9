import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { Agent, request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'

export interface Question {
  url: string
  method?: string
  /** An array value sends the header several times. */
  headers?: OutgoingHttpHeaders
  /** Pieces are sent as they come (Transfer-Encoding: chunked). */
  body?: string | Uint8Array | AsyncIterable<Uint8Array>
  agent?: Agent
  timeoutMs?: number
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Names and values as they came, in turn. */
  rawHeaders: string[]
  body: Buffer
  text: string
  json(): unknown
  /** This machine's clock before the request was sent and after the answer was read. */
  sentAtMs: number
  answeredAtMs: number
}

const shared = new Agent({ keepAlive: true, maxSockets: 64 })

/** An agent that keeps one connection. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 })
}

const isWhole = (body: Question['body']): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array

/** One HTTP/1.1 exchange, nothing added but Content-Length. Rejects when no whole answer comes. */
export function request(question: Question): Promise<Answer> {
  const { url, method = 'GET', headers = {}, body, agent = shared, timeoutMs = 10_000 } = question
  return new Promise((resolve, reject) => {
    const sentAtMs = Date.now()
    const length = isWhole(body) ? { 'Content-Length': Buffer.byteLength(body) } : {}
    const outgoing = httpRequest(url, { method, headers: { ...length, ...headers }, agent }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const whole = Buffer.concat(chunks)
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          rawHeaders: incoming.rawHeaders,
          body: whole,
          text: whole.toString(),
          json: () => JSON.parse(whole.toString()) as unknown,
          sentAtMs,
          answeredAtMs: Date.now(),
        })
      })
    })
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer of ${url} in ${timeoutMs} ms`)))
    outgoing.on('error', reject)
    if (body === undefined || isWhole(body)) outgoing.end(body)
    else Readable.from(body).on('error', reject).pipe(outgoing)
  })
}

/** A JSON body with the right type and, when given, a bearer key. */
export function requestJson(method: string, url: string, body?: unknown, key?: string): Promise<Answer> {
  return request({
    url,
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}
