import { z } from 'zod'
import { cleanText } from '../beacon/text.js'
import { pathOfParameter } from '../event/path.js'
import type { Problem } from '../problem/problem.js'
import {
  MOST_OFFSET_PATH_LENGTH,
  MOST_REASON_LENGTH,
  MOST_SHOWN,
  OFFSET_FIELDS,
  type OffsetRequest,
} from './offset-entry.js'

/** Entries that one request may make. */
export const MOST_OFFSETS = 100_000

export const reasonText = z.string().transform(cleanText).pipe(z.string().min(1).max(MOST_REASON_LENGTH))

/** One entry as an owner writes it (contract section 5); of `shown` and `add` exactly one. Unknown fields are refused. */
export const offsetInput = z.strictObject({
  field: z.enum(OFFSET_FIELDS),
  path: z.string().min(1).max(MOST_OFFSET_PATH_LENGTH).optional(),
  shown: z.int().min(0).max(MOST_SHOWN).optional(),
  add: z.int().min(-MOST_SHOWN).max(MOST_SHOWN).optional(),
  reason: reasonText,
})

export type ParsedOffsets = { readonly requests: readonly OffsetRequest[] } | { readonly problem: Problem }

/**
 * The requests of a JSON body, one object or an array of 1 to `MOST_OFFSETS`. `bad_field` names the first wrong field, in an
 * array with its place from 0 (`[2].shown`); `body` when it is neither.
 */
export function parseOffsets(json: unknown, queryKeys: readonly string[]): ParsedOffsets {
  const items: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (items.length === 0) return badField('body')
  if (items.length > MOST_OFFSETS) return { problem: { code: 'too_large' } }
  const requests: OffsetRequest[] = []
  for (const [n, item] of items.entries()) {
    const parsed = parseOffset(item, queryKeys)
    if (typeof parsed === 'string') {
      if (!Array.isArray(json)) return badField(parsed)
      return badField(parsed === 'body' ? `[${n}]` : `[${n}].${parsed}`)
    }
    requests.push(parsed)
  }
  return { requests }
}

/** The request, or the name of its first wrong field. */
function parseOffset(item: unknown, queryKeys: readonly string[]): OffsetRequest | string {
  const result = offsetInput.safeParse(item)
  if (!result.success) {
    const [issue] = result.error.issues
    return String((issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]) ?? 'body')
  }
  const { field, path: asked, shown, add, reason } = result.data
  const path = field === 'views' ? pathOfParameter(asked ?? '', queryKeys) : asked === undefined ? '' : null
  if (path === null) return 'path'
  if (shown !== undefined) return add === undefined ? { field, path, reason, amount: { shown } } : 'add'
  return add === undefined ? 'shown' : { field, path, reason, amount: { add } }
}

function badField(field: string): { problem: Problem } {
  return { problem: { code: 'bad_field', field } }
}
