import { isIP } from 'node:net'

/** One request as an Apache or nginx combined log tells it. */
export interface LogLine {
  /** Absent when the log has a host name in its place. */
  address?: string
  /** Whole seconds since 1970. */
  atSeconds: number
  /** Absent, like `target`, when what came was no HTTP request (`"-"`, TLS on a plain port). */
  method?: string
  target?: string
  status: number
  referrer?: string
  userAgent?: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const STAMP = / \[(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})\] /
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"'
/** Request, status, bytes, referrer, User-Agent; servers add fields of their own after these. */
const AFTER_STAMP = new RegExp(`^${QUOTED} (\\d{3}) (?:\\d+|-) ${QUOTED} ${QUOTED}(?: .*)?$`)
const REQUEST = /^([A-Za-z]+) (\S.*?)(?: HTTP\/\d(?:\.\d)?)?$/
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', n: '\n', r: '\r', t: '\t', v: '\v' }

function atSecondsOf(stamp: RegExpExecArray): number | undefined {
  const [, day, monthName = '', year, hour, minute, second, sign, zoneHours, zoneMinutes] = stamp
  const month = MONTHS.indexOf(monthName)
  const utcMs = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second))
  const isOnCalendar = month >= 0 && new Date(Date.UTC(Number(year), month, Number(day))).getUTCDate() === Number(day)
  if (!isOnCalendar || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
  const zoneSeconds = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60
  return utcMs / 1000 - (sign === '-' ? -zoneSeconds : zoneSeconds)
}

/** Undoes what the servers write for quotes and bytes (`\"`, `\\`, `\xC4`) and reads the bytes as UTF-8. */
function unescape(field: string): string {
  const bytes = field.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex?: string, character = '') =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[character as string] ?? (character as string)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** `-` is how a log writes "none". */
function present(field: string): string | undefined {
  return field === '-' || field === '' ? undefined : unescape(field)
}

/** The client stands first, or second where a virtual host is written before it. */
function addressOf(head: string): string | undefined {
  return head
    .split(' ')
    .slice(0, 2)
    .find((field) => isIP(field) !== 0)
}

/**
 * Reads one line (its bytes as latin1, without the line's end) of a combined log, with or without a virtual host in
 * front and more fields behind. Undefined when it is none: cut off, of another format, a date that does not exist.
 */
export function parseCombinedLine(text: string): LogLine | undefined {
  const stamp = STAMP.exec(text)
  const rest = stamp && AFTER_STAMP.exec(text.slice(stamp.index + stamp[0].length))
  const atSeconds = stamp ? atSecondsOf(stamp) : undefined
  if (!stamp || !rest || atSeconds === undefined) return undefined
  const [, request = '', status, referrerField = '', userAgentField = ''] = rest
  const [, method, target] = REQUEST.exec(unescape(request)) ?? []
  const [address, referrer, userAgent] = [
    addressOf(text.slice(0, stamp.index)),
    present(referrerField),
    present(userAgentField),
  ]
  return {
    atSeconds,
    status: Number(status),
    ...(address !== undefined && { address }),
    ...(method !== undefined && target !== undefined && { method, target }),
    ...(referrer !== undefined && { referrer }),
    ...(userAgent !== undefined && { userAgent }),
  }
}
