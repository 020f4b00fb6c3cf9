import fc from 'fast-check'
import { hostileText } from './hostile-json.js'

export interface Keys {
  readonly ingest: string
  readonly owner: string
  readonly admin: string
}

export type Header = readonly [name: string, value: string]

/** Bytes that may stand in a header's value (RFC 9110): no control characters, anything above 0x7f. */
const latin1 = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x80 : code)),
})

const strangeHeader: fc.Arbitrary<Header> = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'User-Agent',
      'Referer',
      'Accept-Language',
      'If-None-Match',
      'Cookie',
      'Origin',
      'Idempotency-Key',
      'X-Any',
      'Via',
    ),
    fc.oneof(
      latin1,
      fc.constantFrom('', 'Googlebot/2.1', 'a'.repeat(9000), '(('.repeat(800), '"'.repeat(999), 'W/"x", *'),
    ),
  ),
  fc.tuple(
    fc.constantFrom('X-Forwarded-For', 'Forwarded', 'X-Real-IP'),
    fc.oneof(
      latin1,
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom(
        'unknown',
        '::ffff:1.2.3.4',
        '[::1]:80, 1.2.3.4:99999',
        'fe80::1%eth0',
        ','.repeat(3000),
        '198.51.100.7',
      ),
    ),
  ),
  fc.tuple(
    fc.constantFrom('Sec-GPC', 'DNT', 'Sec-Purpose', 'Purpose', 'X-Moz'),
    fc.constantFrom('1', '0', 'prefetch', 'prefetch;x', ''),
  ),
  fc.tuple(
    fc.constantFrom('Content-Encoding', 'Range', 'Accept', 'TE'),
    fc.constantFrom('gzip', 'br, gzip', 'bytes=0-', 'identity', '*/*'),
  ),
  fc.tuple(fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty'), fc.constantFrom('1', 'x')),
)

export const someHeaders = fc.array(strangeHeader, { maxLength: 5 })

export const contentType: fc.Arbitrary<Header[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Header[]>([['Content-Type', 'application/json']]) },
  { weight: 2, arbitrary: fc.constant<Header[]>([['Content-Type', 'text/plain;charset=UTF-8']]) },
  { weight: 2, arbitrary: fc.constant<Header[]>([['Content-Type', 'application/x-ndjson']]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Header[]>(
      [],
      [['Content-Type', 'application/json; charset=utf-16']],
      [['Content-Type', 'multipart/form-data; boundary=x']],
      [['Content-Type', ';;;=']],
      [['Content-Type', 'text/csv']],
      [
        ['Content-Type', 'text/plain'],
        ['Content-Type', 'application/json'],
      ],
    ),
  },
)

export const authorization = (keys: Keys): fc.Arbitrary<Header[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Header[]>([['Authorization', `Bearer ${keys.ingest}`]]) },
    { weight: 3, arbitrary: fc.constant<Header[]>([['Authorization', `Bearer ${keys.admin}`]]) },
    { weight: 2, arbitrary: fc.constant<Header[]>([['Authorization', `Bearer ${keys.owner}`]]) },
    {
      weight: 2,
      arbitrary: fc.oneof(
        fc.constant<Header[]>([]),
        latin1.map((text): Header[] => [['Authorization', `Bearer ${text}`]]),
        fc.constant<Header[]>([['Authorization', `Basic ${'A'.repeat(5000)}`]]),
      ),
    },
  )

const PERCENTS = [
  '%',
  '%%',
  '%G0',
  '%00',
  '%0d%0aSet-Cookie:%20a=b',
  '%ff%fe',
  '%C0%AF',
  '%2e%2e%2f',
  '%F0%9F%92%A9',
  '%u0041',
  '%25',
  '+',
]
/** A piece of a target: no space and no control character, so that the line stays a request line. */
export const piece: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...PERCENTS,
    'fuzz',
    'nobody',
    '__proto__',
    'constructor',
    '..',
    '.',
    '',
    '//',
    ';a=b',
    'x'.repeat(300),
    '*',
    '[',
    '"<>',
  ),
  hostileText.map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).slice(0, 1500)),
)

export const query: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(fc.constantFrom('p', 's', 'u', 'r', 'i', 'f', 'lang', 'digits', '__proto__', ''), piece, fc.boolean()),
    { maxLength: 6 },
  )
  .map((pairs) => pairs.map(([key, value, bare]) => (bare ? key : `${key}=${value}`)).join('&'))

export const manyPaths: fc.Arbitrary<string> = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 60 }), fc.constantFrom('/', 'https://example.vn/', ''))
  .map(([pieces, before]) => pieces.map((one) => `p=${encodeURIComponent(before)}${one}`).join('&'))
