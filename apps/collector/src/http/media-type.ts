import type { IncomingHttpHeaders } from 'node:http'

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)"?/i
const UTF_8 = new Set(['utf-8', 'utf8'])

/** The type in a Content-Type, lower case, without parameters; '' when there is none; null when it says another charset than UTF-8. */
export function mediaTypeOf(contentType: string | undefined): string | null {
  if (contentType === undefined) return ''
  const end = contentType.indexOf(';')
  if (end === -1) return contentType.trim().toLowerCase()
  const charset = CHARSET.exec(contentType)?.[1] ?? 'utf-8'
  return UTF_8.has(charset.toLowerCase()) ? contentType.slice(0, end).trim().toLowerCase() : null
}

/** The body's media type if the door takes it and it is not encoded, else null = 415 (contract section 2). */
export function takenMediaType<T extends string>(headers: IncomingHttpHeaders, taken: ReadonlySet<T>): T | null {
  if (headers['content-encoding'] !== undefined) return null
  const type = mediaTypeOf(headers['content-type'])
  return type !== null && taken.has(type as T) ? (type as T) : null
}
