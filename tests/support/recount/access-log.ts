import type { Fact } from './facts.js'

/**
 * An independent, simple-minded reader of a combined access log, to recount a replayed one. It cuts lines at their
 * quotes, so it suits logs without escaped quotes (it throws on one), such as the one in tests/support/data.
 */
export interface LogReading {
  site: string
  /** Put before the path of a line: `https://example.vn`. */
  host: string
  /** Where the latest line of the log is moved to, in seconds. */
  endSeconds: number
  /** Only what is at most so much older than the latest line. */
  lastSeconds: number
  /** When the server took the lines; only `online` depends on it. */
  receiptSeconds?: number
  isCrawler(userAgent: string): boolean
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What a browser fetches for a page or a person downloads: never a page itself. */
const ASSETS =
  'css js mjs map wasm json webmanifest xml rss atom txt xsl png jpg jpeg gif svg ico webp avif bmp tif tiff ' +
  'woff woff2 ttf otf eot mp3 mp4 m4a m4v ogg oga ogv wav webm flac avi mov wmv flv swf pdf doc docx xls xlsx ' +
  'ppt pptx odt ods odp csv zip gz tgz bz2 xz 7z rar tar jar exe msi dmg iso deb rpm apk bin'
const assets = new Set(ASSETS.split(' '))

interface Line {
  number: number
  address: string
  seconds: number
  method: string
  target: string
  status: string
  referrer: string
  userAgent: string
}

/** `[17/May/2015:10:05:03 +0000]` in seconds. */
function secondsOf(stamp: string): number {
  const [day, month, year, hour, minute, second, zone = '+0000'] = stamp.split(/[/: ]/)
  const utc = Date.UTC(Number(year), MONTHS.indexOf(month ?? ''), Number(day), Number(hour), Number(minute)) / 1000
  const east = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))) * 60
  return utc + Number(second) - (zone.startsWith('-') ? -east : east)
}

function lineOf(text: string, number: number): Line | undefined {
  if (text.includes('\\"')) throw new Error(`line ${number} has an escaped quote: read it some other way`)
  const [head = '', request = '', answer = '', referrer = '', , userAgent = '', rest] = text.split('"')
  if (rest === undefined) return undefined
  const [method = '', target = ''] = request.split(' ')
  return {
    number,
    address: head.split(' ')[0] ?? '',
    seconds: secondsOf(head.slice(head.indexOf('[') + 1, head.indexOf(']'))),
    method,
    target,
    status: answer.trim().split(' ')[0] ?? '',
    referrer: referrer === '-' ? '' : referrer,
    userAgent: userAgent === '-' ? '' : userAgent,
  }
}

/** A page view of a log: a GET that was answered 200 or 304 and is not an asset. */
function isPageView(line: Line): boolean {
  const lastSegment = line.target.split(/[?#]/)[0]?.split('/').at(-1)?.toLowerCase() ?? ''
  const extension = lastSegment.includes('.') ? (lastSegment.split('.').at(-1) ?? '') : ''
  return line.method === 'GET' && ['200', '304'].includes(line.status) && !assets.has(extension)
}

/** The server-door facts that a replay of this log makes: one per page view of its last part, moved in time. */
export function factsOfAccessLog(text: string, reading: LogReading): Fact[] {
  const lines = text
    .split('\n')
    .map((line, at) => (line === '' ? undefined : lineOf(line, at + 1)))
    .filter((line) => line !== undefined)
  const latest = lines.reduce((max, line) => Math.max(max, line.seconds), 0)
  const shift = reading.endSeconds - latest
  return lines
    .filter((line) => isPageView(line) && latest - line.seconds <= reading.lastSeconds)
    .map((line) => ({
      door: 'server',
      site: reading.site,
      type: 'view',
      id: `line-${line.number}`,
      t: line.seconds + shift,
      ageSeconds: (reading.receiptSeconds ?? reading.endSeconds) - (line.seconds + shift),
      address: line.address,
      userAgent: line.userAgent,
      url: reading.host + line.target,
      referrer: line.referrer,
      bot: line.userAgent !== '' && reading.isCrawler(line.userAgent),
    }))
}
