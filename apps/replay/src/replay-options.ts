import { join } from 'node:path'
import { parseArgs } from 'node:util'

export interface ReplayOptions {
  file: string
  siteId: string
  /** The product, without a slash at the end. */
  url: string
  /** Put before each target of the log, without a slash at the end. */
  host: string
  ingestKey?: string
  /** Used to make an ingest key when none is given. */
  adminKey?: string
  adminKeyFile: string
  /** Where the latest line goes: an instant in seconds, or the start of the replay. Absent: times stay. */
  end?: number | 'now'
  lastSeconds?: number
  takeAll: boolean
}

/** What was typed cannot be understood; the message says why in one line. */
export class UsageError extends Error {}

export const HELP = `Sends the page views of an Apache or nginx combined log (plain or .gz) to a site.

  npm run replay -- FILE --site ID [options]

  --site ID     the site that the page views belong to (required)
  --url URL     the product (http://127.0.0.1:8080)
  --host URL    scheme and host put before the log's paths (http://localhost)
  --key KEY     an ingest key of the site; or the variable REPLAY_KEY; without one the admin key
                (TRUYCAP_ADMIN_KEY, or admin.key in TRUYCAP_DATA_DIR, ./data) makes one for this replay
  --end TIME    moves the whole log so that its latest line is at TIME: now, or 2026-11-23T18:20:15+07:00
  --last SPAN   only the part that is at most SPAN older than the latest line: 47h, 30m, 2d, 90s
  --all         also assets, errors and other methods than GET
  --help        this text

Page views are GET requests that were answered 200 or 304 and are not assets by their extension.
The product takes events of the last 48 hours: an older log needs --end now --last 47h.
The same file sent again counts nothing twice (within 72 hours): ids are made of line number and line.
Exit codes: 0 all was sent; 1 something could not be sent, or nothing was accepted; 2 wrong usage.`

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

function origin(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isBare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  if (!url || !isBare || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--${name} must be like https://example.vn, not ${value}`)
  return url.origin
}

function endOf(value: string): number | 'now' {
  if (value === 'now') return value
  const ms = RFC_3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new UsageError(`--end must be now or like 2026-11-23T18:20:15+07:00, not ${value}`)
  return Math.floor(ms / 1000)
}

function spanOf(value: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
  if (count === undefined) throw new UsageError(`--last must be like 47h, 30m, 2d or 90s, not ${value}`)
  return Number(count) * (SECONDS[unit] ?? 0)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        site: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:8080' },
        host: { type: 'string', default: 'http://localhost' },
        key: { type: 'string' },
        end: { type: 'string' },
        last: { type: 'string' },
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * What the command line and the environment ask for; 'help' when help is asked. Throws UsageError, also on options
 * that do not exist.
 */
export function readOptions(args: readonly string[], env: Readonly<NodeJS.ProcessEnv>): ReplayOptions | 'help' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('exactly one FILE is needed')
  if (values.site === undefined) throw new UsageError('--site is needed')
  const ingestKey = (values.key ?? env['REPLAY_KEY']) || undefined
  const adminKey = env['TRUYCAP_ADMIN_KEY'] || undefined
  return {
    file,
    siteId: values.site,
    url: origin('url', values.url),
    host: origin('host', values.host),
    adminKeyFile: join(env['TRUYCAP_DATA_DIR'] || './data', 'admin.key'),
    takeAll: values.all,
    ...(ingestKey !== undefined && { ingestKey }),
    ...(adminKey !== undefined && { adminKey }),
    ...(values.end !== undefined && { end: endOf(values.end) }),
    ...(values.last !== undefined && { lastSeconds: spanOf(values.last) }),
  }
}
