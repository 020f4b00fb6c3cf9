import type { Dice, Outcome, Shipment } from '../harness/index.js'
import { oneConnection, pause, resultOf, ship } from '../harness/index.js'
import { chance } from './random.js'

export interface FlowOptions {
  connections: number
  /** How long a browser waits for an answer before it tries again. */
  timeoutMs?: number
  /** Between an answer and the next request of a connection. */
  pauseMs?: number
}

export interface Flow {
  /** No new request after this; resolves when those under way are over. */
  stop(): Promise<void>
}

const AGAIN_PAUSE_MS = 50
/** No answer, too many, not now; and what a proxy says for a process that is gone or silent: kept or not, nobody knows. */
const NOT_FINAL = new Set([0, 429, 502, 503, 504])
/** How often somebody sends once more what was already acknowledged. */
const DOUBLE_PERCENT = 3

/** What the senders did and were told, in beacons unless said. */
export interface TrafficCounts {
  acknowledged: number
  dropped: number
  /** Sent again with the same ids because there was no answer, or 503. */
  resent: number
  /** Sent again with the same ids although they were acknowledged. */
  doubled: number
  /** Requests by status; 0 = no answer. */
  readonly requests: Map<number, number>
}

/**
 * Senders that never forget: what was not answered, or refused for now, waits in `pending` and goes first with the same
 * ids as soon as there is a connection again, be it to another process.
 */
export class Traffic {
  /** With their final answer. */
  readonly settled: Outcome[] = []
  readonly pending: Outcome[] = []
  readonly counts: TrafficCounts = { acknowledged: 0, dropped: 0, resent: 0, doubled: 0, requests: new Map() }

  constructor(
    private readonly dice: Dice,
    private readonly nextShipment: () => Shipment,
  ) {}

  /** Keep-alive connections, each with one request at a time; they end by themselves when nobody listens any more. */
  start(url: string, options: FlowOptions): Flow {
    const stopping = new AbortController()
    const drive = () => this.drive(url, options, stopping.signal, () => this.pending.shift() ?? this.fresh())
    const done = Promise.all(Array.from({ length: options.connections }, drive))
    return {
      stop: async () => {
        stopping.abort()
        await done
      },
    }
  }

  /** Sends what is pending until everything has its final answer; rejects after `timeoutMs`. */
  async settle(url: string, timeoutMs = 30_000): Promise<void> {
    const giveUp = AbortSignal.timeout(timeoutMs)
    while (this.pending.length > 0 && !giveUp.aborted) {
      const next = () => this.pending.shift()
      await Promise.all(Array.from({ length: 16 }, () => this.drive(url, { connections: 1 }, giveUp, next)))
      if (this.pending.length > 0) await pause(AGAIN_PAUSE_MS)
    }
    const [left] = this.pending
    if (left !== undefined) throw new Error(`still no final answer: ${JSON.stringify(left.attempts.at(-1))}`)
  }

  /** Sends everything that was acknowledged once more, with the same ids: it must change nothing. */
  async sendAllAgain(url: string): Promise<void> {
    const waiting = this.settled.filter(({ result }) => result === 'acked').map(({ shipment }) => shipment)
    const worker = async () => {
      const agent = oneConnection()
      for (let shipment = waiting.pop(); shipment !== undefined; shipment = waiting.pop()) {
        this.counts.doubled += shipment.beacons.length
        await ship(url, shipment, agent)
      }
      agent.destroy()
    }
    await Promise.all(Array.from({ length: 16 }, worker))
  }

  private fresh(): Outcome {
    return { shipment: this.nextShipment(), result: 'unanswered', attempts: [] }
  }

  private async drive(
    url: string,
    { timeoutMs, pauseMs = 0 }: FlowOptions,
    signal: AbortSignal,
    next: () => Outcome | undefined,
  ): Promise<void> {
    const agent = oneConnection()
    const send = (shipment: Shipment) => ship(url, shipment, agent, timeoutMs)
    while (!signal.aborted) {
      const before = next()
      if (before === undefined) break
      const attempt = await send(before.shipment)
      if (attempt.error?.includes('ECONNREFUSED')) {
        this.pending.push(before)
        break
      }
      const isFinal = this.note({
        shipment: before.shipment,
        result: resultOf(attempt),
        attempts: [...before.attempts, attempt],
      })
      if (!isFinal) await pause(AGAIN_PAUSE_MS)
      else if (chance(this.dice, DOUBLE_PERCENT)) await this.double(send)
      if (pauseMs > 0) await pause(pauseMs)
    }
    agent.destroy()
  }

  /** Whether the answer was the last word. */
  private note(outcome: Outcome): boolean {
    const { shipment, result, attempts } = outcome
    const status = attempts.at(-1)?.status ?? 0
    this.counts.requests.set(status, (this.counts.requests.get(status) ?? 0) + 1)
    if (attempts.length > 1) this.counts.resent += shipment.beacons.length
    const isFinal = !NOT_FINAL.has(status)
    if (!isFinal) this.pending.push(outcome)
    else this.settled.push(outcome)
    if (result === 'acked') this.counts.acknowledged += shipment.beacons.length
    if (result === 'dropped') this.counts.dropped += shipment.beacons.length
    return isFinal
  }

  private async double(send: (shipment: Shipment) => Promise<unknown>): Promise<void> {
    const { shipment, result } = this.dice.oneOf(this.settled)
    if (result !== 'acked') return
    this.counts.doubled += shipment.beacons.length
    await send(shipment)
  }
}
