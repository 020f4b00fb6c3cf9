import { oneConnection } from './http.js'
import type { Outcome, Result, Shipment } from './shipments.js'
import { resultOf, ship } from './shipments.js'
import { pause } from './until.js'

export interface LoadOptions {
  url: string
  connections: number
  /** The n-th shipment, n from 0 over all connections. */
  shipmentOf(n: number): Shipment
  /** Stop by itself after so many shipments; without it `stop()` does. */
  limit?: number
  timeoutMs?: number
}

export interface Load {
  /** What has been answered or given up so far; grows while it runs. */
  readonly outcomes: readonly Outcome[]
  count(result: Result): number
  /** No new shipment after this; resolves when those under way are over. */
  stop(): Promise<readonly Outcome[]>
  /** Resolves when every connection has ended: stopped, limit reached, or the server gone. */
  readonly done: Promise<readonly Outcome[]>
}

const REFUSED_PAUSE_MS = 20

/**
 * N keep-alive connections, each sending its next shipment as soon as the last was answered. A connection ends with
 * its first unanswered shipment, so killing the server leaves at most N of them in doubt.
 */
export function startLoad(options: LoadOptions): Load {
  const outcomes: Outcome[] = []
  let next = 0
  const stopping = new AbortController()
  const drive = async () => {
    const agent = oneConnection()
    while (!stopping.signal.aborted && next < (options.limit ?? Infinity)) {
      const shipment = options.shipmentOf(next++)
      const attempt = await ship(options.url, shipment, agent, options.timeoutMs)
      const result = resultOf(attempt)
      outcomes.push({ shipment, result, attempts: [attempt] })
      if (result === 'unanswered') break
      if (result === 'refused') await pause(REFUSED_PAUSE_MS)
    }
    agent.destroy()
  }
  const done = Promise.all(Array.from({ length: options.connections }, drive)).then(() => outcomes)
  return {
    outcomes,
    count: (result) => outcomes.filter((outcome) => outcome.result === result).length,
    stop: () => {
      stopping.abort()
      return done
    },
    done,
  }
}

function wantsRetry({ result, attempts }: Outcome): boolean {
  const status = attempts.at(-1)?.status
  return result === 'unanswered' || status === 503 || status === 429
}

async function resendOne(url: string, outcome: Outcome, deadlineMs: number): Promise<Outcome> {
  const attempts = [...outcome.attempts]
  for (;;) {
    if (Date.now() > deadlineMs) throw new Error(`still no final answer: ${JSON.stringify(attempts.at(-1))}`)
    const attempt = await ship(url, outcome.shipment)
    attempts.push(attempt)
    const latest = { shipment: outcome.shipment, result: resultOf(attempt), attempts }
    if (!wantsRetry(latest)) return latest
    await pause(100)
  }
}

/**
 * Sends what was unanswered, or refused with 503 or 429, again with the same ids until each has its final answer.
 * Gives all outcomes, in the same order; rejects when one has none after `timeoutMs` (30 s).
 */
export async function resend(url: string, outcomes: readonly Outcome[], timeoutMs = 30_000): Promise<Outcome[]> {
  const deadlineMs = Date.now() + timeoutMs
  const settled = [...outcomes]
  const waiting = settled.flatMap((outcome, at) => (wantsRetry(outcome) ? [at] : []))
  const worker = async () => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift())
      settled[at] = await resendOne(url, settled[at] as Outcome, deadlineMs)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return settled
}
