import type { IncomingMessage, ServerResponse } from 'node:http'
import { FRESH_TTL_SECONDS, STALE_TTL_SECONDS, type WireAnswer } from '#domain'
import { namesTag } from './if-none-match.js'

/** A 200 of the widget door ready to be written, and the headers of its 304. */
export interface PreparedAnswer {
  readonly body: string
  /** Node writes a text together with the head, in one piece; a Buffer would be a second one, which costs a tenth of a read. */
  readonly encoding: 'latin1' | 'utf8'
  readonly etag: string
  readonly headers: string[]
  readonly unchangedHeaders: string[]
}

/** Bytes and headers of an answer (contract section 4), as one array: the cheapest form `writeHead` takes. */
export function prepare(
  answer: WireAnswer,
  isStale: boolean,
  contentType = 'application/json; charset=utf-8',
  ownHeaders: readonly string[] = [],
): PreparedAnswer {
  const { body, etag } = answer
  const bytes = Buffer.byteLength(body)
  const ttl = isStale ? STALE_TTL_SECONDS : FRESH_TTL_SECONDS
  const unchangedHeaders = [
    'Access-Control-Allow-Origin',
    '*',
    'Cache-Control',
    `public, max-age=${ttl}, stale-while-revalidate=60, stale-if-error=86400`,
    'ETag',
    etag,
  ]
  const content = ['Content-Type', contentType, 'Content-Length', String(bytes)]
  const headers = [...unchangedHeaders, ...content, ...ownHeaders]
  return { body, encoding: bytes === body.length ? 'latin1' : 'utf8', etag, headers, unchangedHeaders }
}

/** Writes it, or 304 when the reader has it; HEAD as GET (Node leaves the body out). Returns the status. */
export function sendPrepared(req: IncomingMessage, res: ServerResponse, prepared: PreparedAnswer): 200 | 304 {
  if (namesTag(req.headers['if-none-match'], prepared.etag)) {
    res.writeHead(304, prepared.unchangedHeaders)
    res.end()
    return 304
  }
  res.writeHead(200, prepared.headers)
  res.end(prepared.body, prepared.encoding)
  return 200
}
