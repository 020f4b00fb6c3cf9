import { randomBytes } from 'node:crypto'

/** The body of `POST /c` (contract section 2). Only well-formed keys; a test of bad input sends its own text. */
export interface Beacon {
  v: 1
  s: string
  e: 'view' | 'event' | 'heartbeat' | 'leave'
  i: string
  u?: string
  r?: string
  n?: string
  w?: number
  l?: string
  z?: string
  a?: number
  d?: number
  m?: string
  o?: Record<string, string | number | boolean>
  b?: number
  g?: 0 | 1
}

/** A UUID version 7 (RFC 9562) with dashes: 48 bits of milliseconds, then random bits. */
export function uuid7(atMs: number = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(atMs, 0, 6)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A page view of the site `demo` with a new id. */
export function beacon(overrides: Partial<Beacon> = {}): Beacon {
  return { v: 1, s: 'demo', e: 'view', i: uuid7(), u: 'https://example.vn/', ...overrides }
}

const BROWSERS: ((build: number) => string)[] = [
  (build) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.${build}.70 Safari/537.36`,
  (build) =>
    `Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.${build}.86 Mobile Safari/537.36`,
  (build) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.${build}.70 Safari/537.36 Edg/131.0.2903.51`,
  (build) => `Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0.${build}`,
  (build) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6.${build} Mobile/15E148 Safari/604.1`,
]

/** The User-Agent of the n-th browser: each number is another browser, none is a crawler. */
export function browser(n: number): string {
  const make = BROWSERS[n % BROWSERS.length] as (build: number) => string
  return make(6000 + n)
}
