import { setMaxListeners } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common'
import { type Problem, problemBody } from '#domain'
import { errorTrace, problemResponse, type RawDoor, sendProblem } from '#http'
import { CLOCK, type Clock } from '#ports'
import { Outcomes } from '../event/outcomes.js'
import { discardBody } from '../http/body.js'
import { takenMediaType } from '../http/media-type.js'
import { EventsAccessReader } from './events.access.js'
import type { EventsBatch } from './events-batch.js'
import { takeArray, takeLines } from './events-body.js'
import { EventsIntake } from './events.intake.js'

const BODY_TYPES = new Set(['application/json', 'application/x-ndjson'] as const)

/** How long a stream may go on when the process is to end; then it is answered 503 with its receipt so far. */
const GRACE_MS = 5_000

/** The server door: `POST /v1/events` on the bare request, as a stream of any length is taken while it comes (contract section 3). */
@Injectable()
export class EventsDoor implements RawDoor, OnModuleDestroy {
  private readonly logger = new Logger('collector')
  private readonly running = new Set<Promise<void>>()
  private readonly stopping = new AbortController()

  constructor(
    @Inject(EventsIntake) private readonly intake: EventsIntake,
    @Inject(EventsAccessReader) private readonly access: EventsAccessReader,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
  ) {
    setMaxListeners(0, this.stopping.signal)
  }

  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const target = req.url ?? ''
    if (target !== '/v1/events' && !target.startsWith('/v1/events?')) return false
    const request = this.take(req, res)
      .catch((error: unknown) => this.fail(req, res, error))
      .finally(() => this.running.delete(request))
    this.running.add(request)
    return true
  }

  onModuleDestroy(): Promise<void> {
    return this.drain()
  }

  /**
   * Resolves when no request is running: those that end by themselves in 5 s do, streams that do not are ended. To be
   * called when the process is to end, while the log is open and before connections are cut.
   */
  async drain(): Promise<void> {
    const timer = setTimeout(() => this.stopping.abort(), GRACE_MS)
    await Promise.all(this.running)
    clearTimeout(timer)
    this.stopping.abort()
  }

  /** Judged in this order: 405, 401 or 403, 415, 413, 400; then line by line. */
  private async take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method !== 'POST') return this.refuse(req, res, { code: 'method_not_allowed' }, { allow: 'POST' })
    const access = await this.access.read(req.headers.authorization)
    if ('problem' in access) return this.refuse(req, res, access.problem)
    const type = takenMediaType(req.headers, BODY_TYPES)
    if (type === null) return this.refuse(req, res, { code: 'unsupported_media_type' })
    const batch = this.intake.open(access)
    const { signal } = this.stopping
    const reading =
      type === 'application/json'
        ? await takeArray(req, batch, this.clock)
        : await takeLines(req, batch, this.clock, signal)
    if (reading === 'cut_off') return
    if (reading !== 'taken') return this.refuse(req, res, reading.problem)
    answerReceipt(res, batch)
    discardBody(req)
  }

  /** Before any line was known, so the request counts as one. */
  private refuse(req: IncomingMessage, res: ServerResponse, problem: Problem, headers: OutgoingHttpHeaders = {}): void {
    this.outcomes.count(problem.code)
    sendProblem(res, problem, headers)
    discardBody(req)
  }

  private fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    this.logger.error(`Server events broke the intake: ${errorTrace(error)}`)
    if (!res.headersSent) this.refuse(req, res, { code: 'internal' })
  }
}

/** The receipt; when the log failed in mid-stream, the receipt so far together with the problem. */
function answerReceipt(res: ServerResponse, batch: EventsBatch): void {
  const receipt = batch.receipt.body()
  const { problem } = batch
  const answer = problem === null ? { status: 200, headers: OK_HEADERS } : problemResponse(problem)
  const body = JSON.stringify(problem === null ? receipt : { ...problemBody(problem), ...receipt })
  res.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) })
  res.end(body)
}

const OK_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
