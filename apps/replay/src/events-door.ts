import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { ServerEvent } from './server-event.js'

const answerSchema = z.object({
  accepted: z.number(),
  dropped: z.record(z.string(), z.number()),
  rejected: z.array(z.object({ line: z.number(), code: z.string() })),
})

/** What became of one batch (contract section 3). `accepted` includes repeats. */
export type BatchAnswer = z.infer<typeof answerSchema>

/** The batch could not be delivered, and trying again at once would not help. */
export class CouldNotSend extends Error {}

const ATTEMPTS = 8
const ANSWER_TIMEOUT_MS = 60_000
const LONGEST_PAUSE_MS = 30_000

/** What a problem answer says of itself, short enough for one line. */
export async function problemOf(response: Response): Promise<string> {
  const text = (await response.text()).slice(0, 300)
  return `${response.status} ${text}`.trim()
}

function pauseMsOf(response: Response | undefined, attempt: number): number {
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN)
  const wantedMs = Number.isNaN(seconds) ? 250 * 2 ** attempt : seconds * 1000
  return Math.min(Math.max(wantedMs, 50), LONGEST_PAUSE_MS)
}

async function answerOf(response: Response): Promise<BatchAnswer> {
  try {
    return answerSchema.parse(await response.json())
  } catch {
    throw new CouldNotSend(`what answers at ${response.url} is not the product`)
  }
}

/** fetch whose missing answer is a value, with the cause (`ECONNREFUSED …`) in its message. */
export async function ask(url: string, init: RequestInit): Promise<Response | Error> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return new Error(`no answer of ${url} (${cause instanceof Error ? cause.message : String(cause)})`)
  }
}

function post(url: string, key: string, body: string): Promise<Response | Error> {
  const headers = { 'Content-Type': 'application/x-ndjson', Authorization: `Bearer ${key}` }
  return ask(`${url}/v1/events`, { method: 'POST', headers, body })
}

/**
 * Sends one batch as NDJSON. No answer, 503 and 429 are tried again with the same ids, as Retry-After says, at most
 * 8 times in all; then, and on any other refusal, throws CouldNotSend.
 */
export async function sendBatch(url: string, key: string, events: readonly ServerEvent[]): Promise<BatchAnswer> {
  const body = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  let reason = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const outcome = await post(url, key, body)
    if (outcome instanceof Error) reason = outcome.message
    else if (outcome.ok) return answerOf(outcome)
    else reason = await problemOf(outcome)
    const response = outcome instanceof Error ? undefined : outcome
    if (response && response.status !== 503 && response.status !== 429) break
    if (attempt < ATTEMPTS - 1) await pause(pauseMsOf(response, attempt))
  }
  throw new CouldNotSend(reason)
}
