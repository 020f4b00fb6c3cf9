import fc from 'fast-check'
import type { AnswerRule } from './answer-rules.js'
import {
  authorization,
  contentType,
  type Header,
  type Keys,
  manyPaths,
  piece,
  query,
  someHeaders,
} from './hostile-http.js'
import { beaconBody, eventsArrayBody, eventsLinesBody, offsetBody, ownerBody } from './hostile-json.js'

/** One request as bytes, and how it must be answered. */
export interface DoorRequest {
  readonly door: string
  readonly port: 'public' | 'ops'
  readonly bytes: Buffer
  readonly rule: AnswerRule
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH']
/** Mostly the right one. */
const method = (right: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) })

interface Parts {
  readonly method: string
  readonly target: string
  readonly headers: readonly Header[]
  readonly body: Buffer
  readonly chunked: boolean
}

function chunks(body: Buffer): Buffer {
  const half = Math.ceil(body.length / 2)
  const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0)
  const written = parts.map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
  )
  return Buffer.concat([...written, Buffer.from('0\r\n\r\n')])
}

function bytesOf({ method, target, headers, body, chunked }: Parts): Buffer {
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: x',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    framing,
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), chunked ? chunks(body) : body])
}

interface DoorSpec {
  readonly door: string
  readonly port?: 'ops'
  readonly method: string
  readonly target: fc.Arbitrary<string>
  readonly body?: fc.Arbitrary<Buffer>
  readonly headers?: fc.Arbitrary<readonly Header[]>
}

const EMPTY = fc.constant(Buffer.alloc(0))

function doorOf(spec: DoorSpec): fc.Arbitrary<DoorRequest> {
  const body = spec.body ?? fc.oneof({ weight: 9, arbitrary: EMPTY }, { weight: 1, arbitrary: beaconBody })
  return fc
    .record({
      method: method(spec.method).filter((one) => one !== 'DELETE' || spec.door !== '/v1/sites/id patch'),
      target: spec.target,
      headers: fc.tuple(spec.headers ?? fc.constant([]), someHeaders).map((lists) => lists.flat()),
      body,
      chunked: fc.boolean(),
    })
    .map((parts) => ({
      door: spec.door,
      port: spec.port ?? 'public',
      bytes: bytesOf(parts),
      rule: { problems: spec.port !== 'ops', maybeNoHttp: parts.method === 'TRACE', head: parts.method === 'HEAD' },
    }))
}

const both = (...lists: fc.Arbitrary<readonly Header[]>[]): fc.Arbitrary<readonly Header[]> =>
  fc.tuple(...lists).map((all) => all.flat())

/** A site that may be deleted: none that other doors are tried on. */
const ownerPiece: fc.Arbitrary<string> = piece.map((id) => (id === 'fuzz' ? 'doomed' : id))

/** Hostile requests over every door of the standalone process, the ops port and addresses that nobody has. */
export function doorRequests(keys: Keys): fc.Arbitrary<DoorRequest> {
  const withKey = authorization(keys)
  const ndjson = fc.constant<Header[]>([
    ['Content-Type', 'application/x-ndjson'],
    ['Authorization', `Bearer ${keys.ingest}`],
  ])
  const array = fc.constant<Header[]>([
    ['Content-Type', 'application/json'],
    ['Authorization', `Bearer ${keys.ingest}`],
  ])
  const weighted: readonly (readonly [number, DoorSpec])[] = [
    [
      10,
      { door: '/c', method: 'POST', target: fc.constantFrom('/c', '/c?a=%'), body: beaconBody, headers: contentType },
    ],
    [4, { door: '/c.gif', method: 'GET', target: query.map((text) => `/c.gif?${text}`) }],
    [3, { door: '/c.gif', method: 'GET', target: piece.map((text) => `/c.gif?s=fuzz&u=https://example.vn/${text}`) }],
    [
      4,
      {
        door: '/v1/events array',
        method: 'POST',
        target: fc.constant('/v1/events'),
        body: eventsArrayBody,
        headers: array,
      },
    ],
    [
      4,
      {
        door: '/v1/events lines',
        method: 'POST',
        target: fc.constant('/v1/events'),
        body: eventsLinesBody,
        headers: ndjson,
      },
    ],
    [
      2,
      {
        door: '/v1/events',
        method: 'POST',
        target: fc.constant('/v1/events?x'),
        body: eventsArrayBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      3,
      { door: '/w json', method: 'GET', target: fc.tuple(piece, query).map(([id, text]) => `/w/${id}.json?${text}`) },
    ],
    [3, { door: '/w json', method: 'GET', target: query.map((text) => `/w/fuzz.json?${text}`) }],
    [3, { door: '/w views', method: 'GET', target: manyPaths.map((text) => `/w/fuzz/views?${text}`.slice(0, 60_000)) }],
    [1, { door: '/w other', method: 'GET', target: fc.tuple(piece, piece).map((ids) => `/w/${ids.join('/')}`) }],
    [
      3,
      {
        door: '/v1/sites',
        method: 'POST',
        target: fc.constant('/v1/sites'),
        body: ownerBody,
        headers: both(withKey, contentType),
      },
    ],
    [1, { door: '/v1/sites/id', method: 'GET', target: ownerPiece.map((id) => `/v1/sites/${id}`), headers: withKey }],
    [
      2,
      {
        door: '/v1/sites/keys',
        method: 'POST',
        target: ownerPiece.map((id) => `/v1/sites/${id}/keys`),
        body: ownerBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      1,
      {
        door: '/v1/sites/keys',
        method: 'POST',
        target: fc.constant('/v1/sites/prey/keys'),
        body: ownerBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      1,
      {
        door: '/v1/sites/keys/id',
        method: 'DELETE',
        target: piece.map((id) => `/v1/sites/prey/keys/${id}`),
        headers: withKey,
      },
    ],
    [
      2,
      {
        door: '/v1/sites/id patch',
        method: 'PATCH',
        target: fc.constant('/v1/sites/prey'),
        body: ownerBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      2,
      {
        door: '/v1/sites/offsets',
        method: 'POST',
        target: ownerPiece.map((id) => `/v1/sites/${id}/offsets`),
        body: offsetBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      3,
      {
        door: '/v1/sites/offsets',
        method: 'POST',
        target: fc.constant('/v1/sites/prey/offsets'),
        body: offsetBody,
        headers: both(withKey, contentType),
      },
    ],
    [
      1,
      {
        door: '/v1/sites/offsets/entry',
        method: 'DELETE',
        target: piece.map((id) => `/v1/sites/prey/offsets/${id}`),
        headers: withKey,
      },
    ],
    [
      3,
      {
        door: '/w forms',
        method: 'GET',
        target: fc
          .tuple(fc.constantFrom('fuzz', 'nobody', '%'), fc.constantFrom('svg', 'html', 'txt', 'xml'), query)
          .map(([id, form, text]) => `/w/${id}.${form}?${text}`),
      },
    ],
    [
      1,
      {
        door: 'scripts',
        method: 'GET',
        target: fc.constantFrom(
          '/t.js',
          '/w.js',
          '/t.js?x',
          '/T.js',
          '/t.js/',
          '/t/1.js',
          '/w/1.js',
          '/v1/openapi.json',
        ),
      },
    ],
    [1, { door: 'demo', method: 'GET', target: fc.constantFrom('/', '/?a=%', '/tin/1', '/tin/%31', '//', '/tin/9') }],
    [
      2,
      {
        door: 'unknown',
        method: 'GET',
        target: fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join('/')}`),
      },
    ],
    [
      2,
      {
        door: 'ops',
        port: 'ops',
        method: 'GET',
        target: fc.constantFrom('/metrics', '/metrics?x', '/health/live', '/health/ready', '/health', '/'),
      },
    ],
    [1, { door: 'ops', port: 'ops', method: 'GET', target: piece.map((text) => `/${text}`) }],
  ]
  return fc.oneof(...weighted.map(([weight, spec]) => ({ weight, arbitrary: doorOf(spec) })))
}
