/**
 * Bytes that are no request, or two readings of one. `POST /c` behind an attack is a beacon for the site `canary`: were it
 * taken for a request of its own, that site's numbers would tell.
 */
export interface SocketAttack {
  readonly name: string
  readonly bytes: Buffer
  /** The statuses that may come; the connection may also just be closed when 0 is among them. */
  readonly allowed: readonly number[]
  /** Answers that a correct reading gives; 1 unless said. */
  readonly answers?: number
  /** After the answer the connection is of no use any more: what follows cannot be told apart. */
  readonly mustClose?: boolean
}

const CANARY = '{"v":1,"s":"canary","e":"view","i":"018f4e7b-1c2d-7abc-8def-0123456789ab","u":"https://example.vn/"}'
const BROWSER = 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0'
const SMUGGLED = `POST /c HTTP/1.1\r\nHost: x\r\n${BROWSER}\r\nContent-Length: ${CANARY.length}\r\n\r\n${CANARY}`
const LENGTH = SMUGGLED.length

const bytes = (text: string) => Buffer.from(text, 'latin1')
const headed = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const post = (...headers: string[]) => headed('POST /c HTTP/1.1', 'Host: x', BROWSER, ...headers)

const REFUSED = [400, 413, 431, 0]

/** A body of two lengths: only a refusal is safe. */
function twoLengths(): SocketAttack[] {
  const framings: readonly (readonly string[])[] = [
    ['Content-Length: 0', `Content-Length: ${LENGTH}`],
    [`Content-Length: ${LENGTH}`, 'Content-Length: 0'],
    ['Content-Length: 0', 'Content-Length: 0'],
    ['Content-Length: 0, 0'],
    ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    ['Transfer-Encoding: identity', 'Content-Length: 0'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: xchunked'],
    ['Transfer-Encoding : chunked'],
    ['Transfer-Encoding:\x0bchunked'],
    ['Transfer-Encoding: chunked\x0c'],
    ['X: y\rTransfer-Encoding: chunked'],
    ['X: y\nTransfer-Encoding: chunked'],
    [' Transfer-Encoding: chunked'],
    ['Content-Length: +0'],
    ['Content-Length: -1'],
    ['Content-Length: 0x0'],
    ['Content-Length: 1e1'],
    ['Content-Length: '],
    ['Content-Length: 99999999999999999999'],
    ['Content-Length : 0'],
    ['Content\x00-Length: 0'],
  ]
  return framings.map((framing) => ({
    name: `two readings of a body: ${JSON.stringify(framing)}`,
    bytes: bytes(`${post(...framing)}0\r\n\r\n${SMUGGLED}`),
    allowed: [...REFUSED, 415],
    mustClose: true,
  }))
}

function badChunks(): SocketAttack[] {
  const bodies = {
    'a size beyond 64 bits': `ffffffffffffffff1\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'a negative size': `-1\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'a size in C': `0x2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'no size': `\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'a size that is too small': `1\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'lines that end in LF': `2\n{}\n0\n\n${SMUGGLED}`,
    'an extension with a line feed': `2;a\n=b\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    'an extension of 100 kB': `2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
    'a NUL for an end': `2\r\n{}\r\n0\r\n\0\r\n${SMUGGLED}`,
    'a trailer without a name': `2\r\n{}\r\n0\r\n: x\r\n\r\n${SMUGGLED}`,
    'trailers of 100 kB': `2\r\n{}\r\n0\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
  }
  return Object.entries(bodies).map(([name, body]) => ({
    name: `chunks with ${name}`,
    bytes: bytes(post('Transfer-Encoding: chunked') + body),
    allowed: REFUSED,
    mustClose: true,
  }))
}

function badHeaders(): SocketAttack[] {
  const lines = {
    'a carriage return in a value': 'X: a\rSet-Cookie: a=b',
    'a line feed in a value': 'X: a\nb',
    'a NUL in a value': 'X: a\0b',
    'a NUL in a name': 'X\0: a',
    'a space in a name': 'X y: a',
    'no name': ': a',
    'no colon': 'nonsense',
    'a folded value': 'X: a\r\n b',
    'a value of 100 kB': `X: ${'a'.repeat(100_000)}`,
    'a name of 100 kB': `${'a'.repeat(100_000)}: x`,
    '10,000 headers': Array.from({ length: 10_000 }, (_, n) => `X-${n}: a`).join('\r\n'),
  }
  return Object.entries(lines).map(([name, line]) => ({
    name: `headers with ${name}`,
    bytes: bytes(`${headed('GET /w/demo.json HTTP/1.1', 'Host: x', line)}${SMUGGLED}`),
    allowed: REFUSED,
    mustClose: true,
  }))
}

function badLines(): SocketAttack[] {
  const lines = {
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM',
    'HTTP/3.0': 'GET /w/demo.json HTTP/3.0',
    'HTTP/1.9': 'GET /w/demo.json HTTP/1.9',
    'http in lower case': 'GET /w/demo.json http/1.1',
    'no version': 'GET /w/demo.json HTTP/',
    'no target': 'GET  HTTP/1.1',
    'a method in lower case': 'get /w/demo.json HTTP/1.1',
    'an invented method': 'FOO /w/demo.json HTTP/1.1',
    'a NUL in the method': 'G\0T /w/demo.json HTTP/1.1',
    'a NUL in the target': 'GET /w/de\0mo.json HTTP/1.1',
    'a line feed in the target': 'GET /w/de\nmo.json HTTP/1.1',
    'spaces in the target': 'GET /w/demo.json HTTP/1.1 HTTP/1.1',
    'a target of 100 kB': `GET /${'a'.repeat(100_000)} HTTP/1.1`,
    'a target that is no path': 'GET demo.json HTTP/1.1',
    'a tunnel': 'CONNECT example.vn:443 HTTP/1.1',
  }
  return Object.entries(lines).map(([name, line]) => ({
    name: `a request line with ${name}`,
    bytes: bytes(headed(line, 'Host: x') + SMUGGLED),
    allowed: REFUSED,
    mustClose: true,
  }))
}

/** Odd, yet requests: each must be answered as if nothing was odd. */
function oddButSound(): SocketAttack[] {
  const get = (target: string, ...headers: string[]) => headed(`GET ${target} HTTP/1.1`, 'Host: x', ...headers)
  const odd: readonly (readonly [string, string, readonly number[], number?])[] = [
    ['an absolute target', get('http://evil.example/w/demo.json'), [200]],
    ['an absolute target of another scheme', get('HTTPS://evil.example:99999/w/demo.json'), [200]],
    ['an absolute target without a path', get('http://evil.example'), [200]],
    ['an absolute target of a beacon door', get('http://evil.example/c'), [405]],
    ['an absolute target with a query', get('http://evil.example/w/demo.json?p=/a'), [200]],
    ['an authority for a path', get('//evil.example/w/demo.json'), [404]],
    ['a fragment', get('/w/demo.json#x'), [200]],
    ['raw bytes in the target', get('/w/\xff\xfe.json'), [404, 400]],
    ['an asterisk', headed('OPTIONS * HTTP/1.1', 'Host: x'), [404, 405, 400]],
    ['an asterisk with GET', headed('GET * HTTP/1.1', 'Host: x'), [404, 400]],
    ['HTTP/1.0 without a host', headed('GET /w/demo.json HTTP/1.0'), [200]],
    ['the form of HTTP/0.9', 'GET /w/demo.json\r\n\r\n', [200, 400]],
    ['no host', headed('GET /w/demo.json HTTP/1.1'), [400]],
    ['two hosts', get('/w/demo.json', 'Host: evil.example'), [200, 400]],
    ['a host that is none', headed('GET /w/demo.json HTTP/1.1', 'Host: \xff<>"'), [200, 400]],
    ['an upgrade to a websocket', get('/w/demo.json', 'Connection: Upgrade', 'Upgrade: websocket'), [200]],
    ['an upgrade to HTTP/2', get('/w/demo.json', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'), [200]],
    ['an invented expectation', get('/w/demo.json', 'Expect: tea'), [200]],
    ['ranges', get('/t.js', `Range: bytes=${'0-,'.repeat(3000)}0-`), [200]],
    ['the trace method', headed('TRACE /w/demo.json HTTP/1.1', 'Host: x', 'Cookie: secret'), [405]],
    ['empty lines first', `\r\n\r\n\r\n${get('/w/demo.json')}`, [200]],
    ['a hundred requests at once', get('/w/demo.json').repeat(100), [200], 100],
    [
      'requests behind a refused one',
      post('Content-Type: a/b', 'Content-Length: 2').concat('{}', get('/w/demo.json')),
      [415, 200],
      2,
    ],
    [
      'a body where none belongs',
      `${get('/w/demo.json', `Content-Length: ${LENGTH}`)}${SMUGGLED}${get('/t.js')}`,
      [200],
      2,
    ],
    [
      'a body for HEAD',
      headed('HEAD /nowhere HTTP/1.1', 'Host: x', 'Content-Length: 2', 'Connection: close').concat('{}'),
      [404],
    ],
    ['a body that waits to be asked for', post('Expect: 100-continue', 'Content-Length: 2').concat('{}'), [400]],
  ]
  return odd.map(([name, text, allowed, answers]) => ({
    name: `a request with ${name}`,
    bytes: bytes(text),
    allowed,
    ...(answers !== undefined && { answers }),
  }))
}

/** Other protocols, and noise. */
function otherProtocols(): SocketAttack[] {
  const openings = {
    TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    SSH: 'SSH-2.0-OpenSSH_9.6\r\n',
    SMB: '\0\0\0\x85\xffSMBr\0\0\0\0',
    RESP: '*1\r\n$4\r\nPING\r\n',
    SMTP: 'EHLO example.vn\r\n',
    zeroes: '\0'.repeat(5000),
    'line feeds': '\n'.repeat(5000),
  }
  return Object.entries(openings).map(([name, text]) => ({
    name: `${name} spoken to an HTTP port`,
    bytes: bytes(text),
    allowed: REFUSED,
  }))
}

export const SOCKET_ATTACKS: readonly SocketAttack[] = [
  ...twoLengths(),
  ...badChunks(),
  ...badHeaders(),
  ...badLines(),
  ...oddButSound(),
  ...otherProtocols(),
]

/** Requests that stop in the middle, at a place where a reader waits for more. */
export const BEGINNINGS: readonly Buffer[] = [
  '',
  'POST',
  'POST /c HTTP/1.1\r\nHost: x\r\nX-Y',
  post('Content-Length: 100'),
  `${post('Content-Length: 100')}{"v":1,`,
  `${post('Transfer-Encoding: chunked')}10\r\n{"v"`,
  `${post('Expect: 100-continue', 'Content-Length: 100')}`,
  headed('POST /v1/sites HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 60000').concat(
    '{"id":',
  ),
  headed(
    'POST /v1/events HTTP/1.1',
    'Host: x',
    'Content-Type: application/x-ndjson',
    'Transfer-Encoding: chunked',
  ).concat('5\r\n{"a"'),
  headed('GET /w/demo.json HTTP/1.1', 'Host: x', 'Content-Length: 9'),
].map(bytes)
