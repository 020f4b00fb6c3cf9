import type { IncomingMessage } from 'node:http'
import { type Checked, createLineSplitter, MAX_LINE_BYTES, type NumberedLine, parseJson, type Problem } from '#domain'
import type { Clock } from '#ports'
import { LOG_UNAVAILABLE } from '../event/verdict.js'
import { announcesMoreThan, eachChunk, readBody } from '../http/body.js'
import type { EventsBatch } from './events-batch.js'

const MAX_ITEMS = 1000
/** As many bytes as that many lines of NDJSON may have. */
const MAX_ARRAY_BYTES = MAX_ITEMS * MAX_LINE_BYTES
const ARRAY_TIMEOUT_MS = 60_000
const IDLE_MS = 300_000

/** How reading ended: `cut_off` = there is nobody to answer; a problem = all of it is refused and nothing was taken. */
export type Reading = 'taken' | 'cut_off' | { readonly problem: Problem }

/** Reads a JSON array of at most 1,000 events, numbered from 1; the receipt is taken once. */
export async function takeArray(req: IncomingMessage, batch: EventsBatch, clock: Clock): Promise<Reading> {
  if (announcesMoreThan(req, MAX_ARRAY_BYTES)) return { problem: { code: 'too_large' } }
  const bytes = await readBody(req, MAX_ARRAY_BYTES, ARRAY_TIMEOUT_MS)
  if (bytes === 'cut_off') return bytes
  if (bytes === 'too_large') return { problem: { code: bytes } }
  const body = parseJson(bytes)
  if (!body.ok) return body
  if (!Array.isArray(body.value)) return { problem: { code: 'bad_field', field: 'body' } }
  if (body.value.length > MAX_ITEMS) return { problem: { code: 'too_many_beacons' } }
  const receivedAtMs = clock.now()
  let line = 0
  for (const value of body.value as readonly unknown[]) {
    line++
    await batch.take(line, { ok: true, value }, receivedAtMs)
    if (batch.problem !== null) break
  }
  await batch.finish()
  return 'taken'
}

/** Reads NDJSON of any length; each line's receipt is the arrival of its end. Ends early when `stop` is aborted. */
export async function takeLines(
  req: IncomingMessage,
  batch: EventsBatch,
  clock: Clock,
  stop: AbortSignal,
): Promise<Reading> {
  const splitter = createLineSplitter(MAX_LINE_BYTES)
  const takeAll = async (lines: readonly NumberedLine[]): Promise<boolean> => {
    const receivedAtMs = clock.now()
    for (const { line, bytes } of lines) {
      if (batch.problem !== null) return false
      await batch.take(line, parseLine(bytes), receivedAtMs)
    }
    batch.flush()
    return batch.problem === null
  }
  const end = await eachChunk(req, (chunk) => takeAll(splitter.push(chunk)), stop, IDLE_MS)
  if (end === 'ended') await takeAll(splitter.end())
  if (end === 'stopped') batch.end(LOG_UNAVAILABLE)
  await batch.finish()
  return end === 'cut_off' ? end : 'taken'
}

function parseLine(bytes: NumberedLine['bytes']): Checked<unknown> {
  return bytes === 'too_large' ? { ok: false, problem: { code: bytes } } : parseJson(bytes)
}
