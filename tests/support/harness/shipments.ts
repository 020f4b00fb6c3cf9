import type { Agent } from 'node:http'
import type { Fact } from '../recount/index.js'
import { beaconFact } from '../recount/index.js'
import type { Beacon } from './beacons.js'
import { request } from './http.js'

/** What one browser sends in one request: one beacon, or an array of them. */
export interface Shipment {
  beacons: readonly Beacon[]
  userAgent: string
  /** Sent as X-Forwarded-For, for a product that was started with TRUST_PROXY=127.0.0.1. */
  forwardedFor?: string
  headers?: Readonly<Record<string, string>>
}

/** One try. Without an answer nobody knows whether it was kept. */
export interface Attempt {
  sentAtMs: number
  answeredAtMs?: number
  status?: number
  droppedHeader?: string
  error?: string
}

/** acked: 204 and nothing dropped · dropped: 204 with Truycap-Dropped · refused: another status · unanswered: none. */
export type Result = 'acked' | 'dropped' | 'refused' | 'unanswered'

export interface Outcome {
  shipment: Shipment
  result: Result
  attempts: readonly Attempt[]
}

export function resultOf(attempt: Attempt): Result {
  if (attempt.status === undefined) return 'unanswered'
  if (attempt.status !== 204) return 'refused'
  return attempt.droppedHeader === undefined ? 'acked' : 'dropped'
}

/** Posts a shipment to `/c` as a browser does (text/plain). Never rejects. */
export async function ship(url: string, shipment: Shipment, agent?: Agent, timeoutMs = 10_000): Promise<Attempt> {
  const { beacons, userAgent, forwardedFor, headers } = shipment
  const sentAtMs = Date.now()
  try {
    const answer = await request({
      url: `${url}/c`,
      method: 'POST',
      headers: {
        'Content-Type': 'text/plain;charset=UTF-8',
        'User-Agent': userAgent,
        ...(forwardedFor !== undefined && { 'X-Forwarded-For': forwardedFor }),
        ...headers,
      },
      body: JSON.stringify(beacons.length === 1 ? beacons[0] : beacons),
      timeoutMs,
      ...(agent && { agent }),
    })
    const dropped = answer.headers['truycap-dropped']
    return {
      sentAtMs: answer.sentAtMs,
      answeredAtMs: answer.answeredAtMs,
      status: answer.status,
      ...(typeof dropped === 'string' && { droppedHeader: dropped }),
    }
  } catch (error) {
    return { sentAtMs, error: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * The facts of what was acknowledged, for the recount. The receipt lies between the first try's sending and the last
 * answer: recount once with each moment and demand that both agree, then no unseen second can matter.
 * Throws when something has no final answer yet (`resend` it) or a part of an array was dropped.
 */
export function factsOf(outcomes: readonly Outcome[], moment: 'sent' | 'answered'): Fact[] {
  return outcomes.flatMap(({ shipment, result, attempts }) => {
    if (result === 'unanswered') throw new Error('an unanswered shipment may or may not be kept: resend it first')
    if (result === 'refused') return []
    if (result === 'dropped' && shipment.beacons.length > 1) throw new Error('which beacons of the array were dropped?')
    const receiptMs = moment === 'sent' ? attempts[0]?.sentAtMs : attempts.at(-1)?.answeredAtMs
    const sender = {
      address: shipment.forwardedFor ?? '127.0.0.1',
      userAgent: shipment.userAgent,
      privacyHeader: ['Sec-GPC', 'DNT'].some((name) => shipment.headers?.[name] === '1'),
    }
    return shipment.beacons.map((one) => ({
      ...beaconFact(one, sender, receiptMs ?? 0),
      ...(result === 'dropped' && { dropped: true }),
    }))
  })
}
