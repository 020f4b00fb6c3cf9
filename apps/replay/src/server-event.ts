import { createHash } from 'node:crypto'
import type { Request } from './page-view.js'

/** A line of `POST /v1/events` (contract section 3), as far as a log can fill it. */
export interface ServerEvent {
  site: string
  type: 'view'
  id: string
  at: string
  url: string
  ip: string
  referrer?: string
  userAgent?: string
}

export interface EventFrame {
  siteId: string
  /** Put before each target: `https://example.vn`. */
  host: string
  /** Added to each line's time. */
  shiftSeconds: number
}

/**
 * `log-` and 128 bits of SHA-256 over the line's number and its text. So the same file sent again, whole or after a
 * break, moved in time or not, counts nothing twice (for the 72 h that ids are known), and equal lines stay distinct.
 */
export function eventIdOf(lineNumber: number, text: string): string {
  const digest = createHash('sha256').update(`${lineNumber}\n`).update(text, 'latin1').digest('hex')
  return `log-${digest.slice(0, 32)}`
}

export function serverEventOf(request: Request, id: string, frame: EventFrame): ServerEvent {
  return {
    site: frame.siteId,
    type: 'view',
    id,
    at: new Date((request.atSeconds + frame.shiftSeconds) * 1000).toISOString(),
    url: frame.host + request.target,
    ip: request.address,
    ...(request.referrer !== undefined && { referrer: request.referrer }),
    ...(request.userAgent !== undefined && { userAgent: request.userAgent }),
  }
}
