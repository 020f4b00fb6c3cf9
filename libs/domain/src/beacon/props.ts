import type { ReportedType } from '../event/event.js'
import { LIMITS } from './beacon.js'
import { isJsonObject } from './json.js'
import { cleanText, cutText } from './text.js'

type PropValue = string | number | boolean

/**
 * Properties of a custom event as the text of a flat JSON object, '' when there are none, null when wrong (contract
 * section 2, key `o`): values are cut, too many keys or a key too long are refused. On other types it means nothing:
 * it must be right and is not kept. Keys that differ only by control characters are one, and the last one wins.
 */
export function readProps(value: unknown, type: ReportedType | null): string | null {
  if (value === undefined) return ''
  if (!isJsonObject(value)) return null
  const entries = readEntries(Object.entries(value))
  if (entries === null) return null
  // fromEntries defines, so that a key `__proto__` is a property like any other.
  return type === 'event' && entries.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : ''
}

function readEntries(entries: readonly [string, unknown][]): [string, PropValue][] | null {
  if (entries.length > LIMITS.propKeys) return null
  const read: [string, PropValue][] = []
  for (const [rawKey, rawValue] of entries) {
    const key = cleanText(rawKey)
    const value = readValue(rawValue)
    if (key.length > LIMITS.propKey || value === null) return null
    read.push([key, value])
  }
  return read
}

/** 1e999 is JSON too, but Infinity could not be written again. */
function readValue(value: unknown): PropValue | null {
  if (typeof value === 'string') return cutText(value, LIMITS.propValue)
  if (typeof value === 'boolean') return value
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
