import type { ReportedType } from '../event/event.js'
import { isUrl } from '../event/url.js'
import { SITE_ID } from '../site/site.js'
import { LIMITS } from './beacon.js'
import { cleanText, cutText } from './text.js'

/** What was read of each field; null marks a wrong one. */
export type Reading<T> = { readonly [K in keyof T]: T[K] | null }

/** The spaces that `new URL` drops; control characters are gone by then. */
const WEB_SCHEME = /^ *https?:/i

export function readSiteId(value: unknown): string | null {
  return typeof value === 'string' && SITE_ID.test(value) ? value : null
}

export function readType(value: unknown): ReportedType | null {
  return value === 'view' || value === 'event' || value === 'heartbeat' || value === 'leave' ? value : null
}

/** Over-long text is cut, never refused; '' when missing. */
export function readText(value: unknown, limit: number): string | null {
  if (value === undefined) return ''
  return typeof value === 'string' ? cutText(value, limit) : null
}

/** An integer from `min` to `max`; `absent` when missing, where null makes it required. */
export function readInteger(value: unknown, min: number, max: number, absent: number | null): number | null {
  if (value === undefined) return absent
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null
}

/** Views and events happen on a page; what the others say of it is ignored, whatever it is. */
export function readUrl(value: unknown, type: ReportedType | null): string | null {
  if (type === 'heartbeat' || type === 'leave') return ''
  if (typeof value !== 'string') return null
  const url = cleanText(value)
  return url.length <= LIMITS.url && WEB_SCHEME.test(url) && isUrl(url) ? url : null
}

/** Required on events. On the others it means nothing: it must be right and is not kept. */
export function readName(value: unknown, type: ReportedType | null): string | null {
  if (value === undefined) return type === 'event' ? null : ''
  if (typeof value !== 'string') return null
  const name = cleanText(value)
  if (name.length > LIMITS.name) return null
  return type === 'event' ? name : ''
}
