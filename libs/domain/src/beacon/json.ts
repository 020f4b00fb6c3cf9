import { accepted, refused, type Checked } from './checked.js'
import { decodeUtf8 } from './text.js'

/** A JSON object whose keys are not checked yet. */
export interface Fields {
  readonly [key: string]: unknown
}

const PLAIN: object = {}

/** Any JSON value from its bytes; `bad_json` where they are not UTF-8 or not JSON (contract section 2). */
export function parseJson(bytes: Uint8Array): Checked<unknown> {
  const text = decodeUtf8(bytes)
  if (text === null) return refused('bad_json')
  try {
    return accepted(JSON.parse(text))
  } catch {
    return refused('bad_json')
  }
}

export function isJsonObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The object with nothing inherited, so that a missing key is `undefined` even where Object.prototype was polluted.
 * JSON gives plain objects: these pass as they are, which is twice as fast as asking for every key whether it is own.
 */
export function ownFields(value: Fields): Fields {
  if (Object.getPrototypeOf(value) === Object.prototype && !hasInheritedKeys()) return value
  return Object.assign(Object.create(null), value)
}

function hasInheritedKeys(): boolean {
  for (const key in PLAIN) if (key !== undefined) return true
  return false
}
