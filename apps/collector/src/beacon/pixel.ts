import type { IncomingHttpHeaders } from 'node:http'
import { v7 as uuid7 } from 'uuid'

/** A transparent GIF of one pixel, 43 bytes. */
export const PIXEL = Buffer.from('R0lGODlhAQABAPAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/**
 * The view that a request of `/c.gif` stands for, as an item of `POST /c`, not judged (contract section 2): `u` else the
 * Referer, `i` else a new id. An empty value is an absent one, since templates leave keys empty; other keys are ignored.
 * The language is what the browser prefers, as no script could say it.
 */
export function pixelItem(target: string, headers: IncomingHttpHeaders, nowMs: number): Record<string, unknown> {
  const start = target.indexOf('?')
  const query = new URLSearchParams(start === -1 ? '' : target.slice(start + 1))
  const item: Record<string, unknown> = {
    v: 1,
    s: query.get('s') ?? '',
    e: 'view',
    i: query.get('i') || uuid7({ msecs: nowMs }),
    r: query.get('r') ?? '',
    l: preferredLanguage(headers['accept-language']),
  }
  const url = query.get('u') || headers.referer
  if (url !== undefined) item.u = url
  return item
}

function preferredLanguage(acceptLanguage: string | undefined): string {
  const [first = ''] = (acceptLanguage ?? '').split(/[,;]/, 1)
  return first.trim() === '*' ? '' : first.trim()
}
