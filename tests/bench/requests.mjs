// What the load consists of: requests as a browser or a portal's server sends them, prepared as bytes.
import { randomBytes } from 'node:crypto'

const VISITORS = 20_000
const PAGES = 2_000
/** As many as are kept ready; each is sent many times, with a new id each time. */
const PREPARED = 4_000

const CHROME = (n) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1${20 + (n % 20)}.0.${n % 200}.0 Safari/537.36`

const headersOf = (n) => [
  'Host: stats.example.vn',
  'Connection: keep-alive',
  `User-Agent: ${CHROME(n)}`,
  'sec-ch-ua: "Chromium";v="131", "Not_A Brand";v="24", "Google Chrome";v="131"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Windows"',
  'Accept: */*',
  'Origin: https://example.vn',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: empty',
  'Referer: https://example.vn/',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: vi-VN,vi;q=0.9,en;q=0.8',
  `X-Forwarded-For: 113.${160 + (n % 30)}.${(n >> 8) % 256}.${n % 256}`,
]

/** 12 hex digits of time, then random ones; the last 12 are the place where the sender counts up. */
const idOf = (nowMs) =>
  `${nowMs.toString(16).padStart(12, '0')}7${randomBytes(2).toString('hex').slice(1)}8${randomBytes(2).toString('hex').slice(1)}${'0'.repeat(12)}`

/** A request and where in it the last 12 digits of its ids stand. */
function prepare(head, body) {
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  const idAts = []
  for (let at = bytes.indexOf('8'); at >= 0; at = bytes.indexOf('000000000000"', at + 1)) {
    if (bytes.subarray(at, at + 13).toString() === '000000000000"') idAts.push(at)
  }
  return { bytes, idAts }
}

function intake() {
  const nowMs = Date.now()
  return Array.from({ length: PREPARED }, (_, n) => {
    const reader = (n * 7919) % VISITORS
    const body = JSON.stringify({
      v: 1,
      s: 'demo',
      e: 'view',
      i: idOf(nowMs),
      u: `https://example.vn/tin/${(n * 31) % PAGES}`,
      r: 'https://www.google.com/',
      n: `Thống kê truy cập ${n % PAGES}`,
      w: 1280,
      l: 'vi-VN',
      z: 'Asia/Ho_Chi_Minh',
    })
    const head = [
      'POST /c HTTP/1.1',
      ...headersOf(reader),
      'Content-Type: text/plain;charset=UTF-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return prepare(head, body)
  })
}

const EVENTS_PER_REQUEST = 500

function events(key) {
  const at = new Date().toISOString()
  return Array.from({ length: 40 }, (_, n) => {
    const items = Array.from({ length: EVENTS_PER_REQUEST }, (_, i) => {
      const reader = ((n * EVENTS_PER_REQUEST + i) * 7919) % VISITORS
      return {
        site: 'demo',
        type: 'view',
        id: idOf(Date.now()),
        at,
        url: `https://example.vn/tin/${((n + i) * 31) % PAGES}`,
        referrer: 'https://www.google.com/',
        ip: `113.${160 + (reader % 30)}.${(reader >> 8) % 256}.${reader % 256}`,
        userAgent: CHROME(reader),
      }
    })
    const body = JSON.stringify(items)
    const head = [
      'POST /v1/events HTTP/1.1',
      'Host: stats.example.vn',
      'Connection: keep-alive',
      `Authorization: Bearer ${key}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return prepare(head, body)
  })
}

function read() {
  return Array.from({ length: PREPARED }, (_, n) => prepare(['GET /w/demo.json HTTP/1.1', ...headersOf(n)], ''))
}

/** Kind of load to prepared requests; `units` are what one request counts for. */
export const LOADS = {
  intake: { prepare: intake, units: 1 },
  events: { prepare: events, units: EVENTS_PER_REQUEST },
  read: { prepare: read, units: 1 },
}
