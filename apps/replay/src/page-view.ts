import { ASSET_EXTENSIONS } from './asset-extensions.data.js'
import type { LogLine } from './combined-log.js'

/** Why a line was not sent; a closed list, and the words of the report. */
export const SKIP_REASONS = [
  'empty',
  'broken',
  'too_long',
  'older',
  'no_request',
  'no_address',
  'not_get',
  'status',
  'asset',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** A line that can be sent: it names a client and a page of this server. */
export type Request = LogLine & Required<Pick<LogLine, 'address' | 'method' | 'target'>>

export type Verdict = { request: Request } | { skipped: SkipReason }

function isAsset(target: string): boolean {
  const [path = ''] = target.split(/[?#]/, 1)
  const extension = /\.([^./]+)$/.exec(path)?.[1]
  return extension !== undefined && ASSET_EXTENSIONS.has(extension.toLowerCase())
}

/**
 * Which lines are page views: a GET that was answered 200 or 304 and is not an asset by its extension. With `takeAll`
 * method, answer and extension are not looked at. A target in absolute form (a proxy's) is no page of this server.
 */
export function judgeLine(line: LogLine | undefined, takeAll: boolean): Verdict {
  if (!line) return { skipped: 'broken' }
  const { address, method, target } = line
  if (method === undefined || !target?.startsWith('/')) return { skipped: 'no_request' }
  if (address === undefined) return { skipped: 'no_address' }
  if (!takeAll) {
    if (method !== 'GET') return { skipped: 'not_get' }
    if (line.status !== 200 && line.status !== 304) return { skipped: 'status' }
    if (isAsset(target)) return { skipped: 'asset' }
  }
  return { request: { ...line, address, method, target } }
}
