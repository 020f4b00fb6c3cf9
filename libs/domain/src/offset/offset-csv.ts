import { pathOfParameter } from '../event/path.js'
import { MOST_OFFSET_PATH_LENGTH, type OffsetRequest } from './offset-entry.js'

/** A row of `path,shown`, or the line (from 1) that is none. */
export type CsvRow = { readonly request: OffsetRequest } | { readonly badLine: number }

const HEADER = /^path,shown$/i
/** At most twelve digits, so never over `MOST_SHOWN`. */
const SHOWN = /^\d{1,12}$/
/** Text without `"`, or quoted with `"` doubled (RFC 4180). The first comma outside quotes ends it. */
const ROW = /^(?:"((?:[^"]|"")*)"|([^",]*)),(?:"(\d*)"|([^",]*))$/

/**
 * The rows of a CSV body of views (contract section 5), one at a time, so that a long one can be read in slices. Lines end
 * with LF or CRLF, also inside no field; a first line `path,shown` and empty lines are skipped. After a bad line comes nothing.
 */
export function* readOffsetCsv(text: string, reason: string, queryKeys: readonly string[]): Generator<CsvRow> {
  let line = 0
  for (let at = 0; at < text.length;) {
    line++
    const end = endOfLine(text, at)
    const content = text.slice(at, text[end - 1] === '\r' ? end - 1 : end)
    at = end + 1
    if (content === '' || (line === 1 && HEADER.test(content))) continue
    const request = requestOf(content, reason, queryKeys)
    yield request === null ? { badLine: line } : { request }
    if (request === null) return
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function requestOf(content: string, reason: string, queryKeys: readonly string[]): OffsetRequest | null {
  // Twice the longest path, since quotes are doubled: a longer line needs no look.
  const row = content.length > 2 * MOST_OFFSET_PATH_LENGTH + 64 ? null : ROW.exec(content)
  if (row === null) return null
  const asked = row[1]?.replaceAll('""', '"') ?? row[2]!
  const shown = row[3] ?? row[4]!
  if (!SHOWN.test(shown) || asked.length > MOST_OFFSET_PATH_LENGTH) return null
  const path = pathOfParameter(asked, queryKeys)
  return path === null ? null : { field: 'views', path, reason, amount: { shown: Number(shown) } }
}
