import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import {
  MOST_OFFSETS,
  type OffsetRequest,
  parseOffsets,
  ProblemError,
  readOffsetCsv,
  reasonText,
  type Site,
  decodeUtf8,
} from '#domain'
import { readQuery, splitTarget } from '#http'
import { jsonOf } from '../owner-door/json-body.js'
import { forEachInSlices } from './breathe.js'

/** Of CSV; JSON has the limit of every owner route. 50,000 of the longest usual paths are about half of it. */
export const CSV_LIMIT_BYTES = 8 * 1024 * 1024

const CSV_TYPE = /^text\/csv\s*(?:;|$)/i
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

/** The body of `POST /v1/sites/{id}/offsets`, not yet read against a site. */
export interface OffsetBody {
  readonly kind: 'object' | 'array' | 'csv'
  /** SHA-256 of everything that the request says, hex. */
  readonly hash: string
  requests(site: Site): Promise<readonly OffsetRequest[]>
}

/** 415, 413 and `bad_json` as on every door; a CSV that is no UTF-8 is `bad_json` too. `?reason=` belongs to CSV. */
export async function readOffsetBody(request: FastifyRequest): Promise<OffsetBody> {
  const isCsv = CSV_TYPE.test(request.headers['content-type'] ?? '')
  const reason = readReason(request.url, isCsv)
  if (!isCsv) {
    const json = jsonOf(request.headers, request.body)
    const hash = hashOf('json', request.body as Buffer)
    return { kind: Array.isArray(json) ? 'array' : 'object', hash, requests: async (site) => requestsOf(json, site) }
  }
  if (request.headers['content-encoding'] !== undefined) throw new ProblemError({ code: 'unsupported_media_type' })
  const bytes = await readStream(request.body as Readable, Number(request.headers['content-length'] ?? 0))
  const text = decodeUtf8(bytes)
  if (text === null) throw new ProblemError({ code: 'bad_json' })
  return { kind: 'csv', hash: hashOf(`csv ${reason}`, bytes), requests: (site) => csvRequests(text, reason, site) }
}

/** The text of `Idempotency-Key`, 1 to 255 visible ASCII characters; null when there is none. */
export function idempotencyKeyOf(headers: FastifyRequest['headers']): string | null {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new ProblemError({ code: 'bad_field', field: 'Idempotency-Key' })
  }
  return key
}

function readReason(url: string, isCsv: boolean): string {
  const read = readQuery(splitTarget(url).query, isCsv ? ['reason'] : [])
  if ('problem' in read) throw new ProblemError(read.problem)
  const asked = read.params.get('reason')
  if (asked === null) return ''
  const { success, data } = reasonText.safeParse(asked)
  if (!success) throw new ProblemError({ code: 'bad_parameter', field: 'reason' })
  return data
}

function requestsOf(json: unknown, site: Site): readonly OffsetRequest[] {
  const parsed = parseOffsets(json, site.pageQueryKeys)
  if ('problem' in parsed) throw new ProblemError(parsed.problem)
  return parsed.requests
}

async function csvRequests(text: string, reason: string, site: Site): Promise<readonly OffsetRequest[]> {
  const requests: OffsetRequest[] = []
  await forEachInSlices(readOffsetCsv(text, reason, site.pageQueryKeys), (row) => {
    if ('badLine' in row) throw new ProblemError({ code: 'bad_field', field: `line ${row.badLine}` })
    if (requests.push(row.request) > MOST_OFFSETS) throw new ProblemError({ code: 'too_large' })
  })
  if (requests.length === 0) throw new ProblemError({ code: 'bad_field', field: 'body' })
  return requests
}

async function readStream(stream: Readable, announcedBytes: number): Promise<Buffer> {
  if (announcedBytes > CSV_LIMIT_BYTES) throw new ProblemError({ code: 'too_large' })
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of untilCutOff(stream)) {
    length += chunk.length
    if (length > CSV_LIMIT_BYTES) throw new ProblemError({ code: 'too_large' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** A sender that goes away in the middle is no fault of ours, and there is nobody to answer. */
async function* untilCutOff(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch {
    throw new ProblemError({ code: 'bad_json' })
  }
}

function hashOf(kind: string, bytes: Buffer): string {
  return createHash('sha256').update(`${kind}\n`).update(bytes).digest('hex')
}
