import type { IncomingMessage, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { bodyTooLarge, MAX_ARRAY_BYTES, parseBody, type Problem } from '#domain'
import { errorTrace, type RawDoor } from '#http'
import { CLOCK, type Clock } from '#ports'
import { Outcomes } from '../event/outcomes.js'
import { announcesMoreThan, collectBody, discardBody } from '../http/body.js'
import { takenMediaType } from '../http/media-type.js'
import { Turns } from '../http/turns.js'
import {
  answerImage,
  answerMethodNotAllowed,
  answerNoContent,
  answerPreflight,
  answerProblem,
} from './beacon-answers.js'
import { type BeaconAnswer, BeaconIntake, type BeaconRequest } from './beacon.intake.js'
import { BeaconRequestReader } from './beacon-request.js'
import { pixelItem } from './pixel.js'

/** '' = no type given. */
const BODY_TYPES = new Set(['', 'text/plain', 'application/json'] as const)
const BODY_TIMEOUT_MS = 30_000

/** A request whose body has come, and what has to be known of it before its socket may be closed. */
interface Arrival {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly request: BeaconRequest
  readonly bytes: Buffer
  readonly receivedAtMs: number
}

/** The browser door: `POST /c` and `GET /c.gif` on the bare request, judged in the order of contract section 2. */
@Injectable()
export class BeaconDoor implements RawDoor {
  private readonly logger = new Logger('collector')
  private readonly turns = new Turns<Arrival>((arrival) => this.answer(arrival))

  constructor(
    @Inject(BeaconIntake) private readonly intake: BeaconIntake,
    @Inject(BeaconRequestReader) private readonly requests: BeaconRequestReader,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
  ) {}

  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const target = req.url ?? ''
    if (target === '/c' || target.startsWith('/c?')) this.open(req, res, 'POST', () => this.takeBody(req, res))
    else if (target === '/c.gif' || target.startsWith('/c.gif?')) {
      this.open(req, res, 'GET', () => this.takePixel(req, res))
    } else return false
    return true
  }

  private open(req: IncomingMessage, res: ServerResponse, method: string, enter: () => void): void {
    if (req.method === method) {
      try {
        enter()
      } catch (error) {
        this.fail(req, res, error)
      }
      return
    }
    const methods = `${method}, OPTIONS`
    if (req.method === 'OPTIONS') answerPreflight(res, methods)
    else {
      this.outcomes.count('method_not_allowed')
      answerMethodNotAllowed(res, methods)
    }
    discardBody(req)
  }

  private takeBody(req: IncomingMessage, res: ServerResponse): void {
    if (takenMediaType(req.headers, BODY_TYPES) === null)
      return this.refuse(req, res, { code: 'unsupported_media_type' })
    if (announcesMoreThan(req, MAX_ARRAY_BYTES)) return this.refuse(req, res, { code: 'too_large' })
    const request = this.requests.read(req)
    collectBody(req, MAX_ARRAY_BYTES, BODY_TIMEOUT_MS, (bytes) => {
      if (bytes === 'cut_off') return
      if (bytes === 'too_large' || bodyTooLarge(bytes)) this.refuse(req, res, { code: 'too_large' })
      else this.turns.add({ req, res, request, bytes, receivedAtMs: this.clock.now() })
    })
  }

  /** Never throws: the others of its turn come after it. */
  private answer({ req, res, request, bytes, receivedAtMs }: Arrival): Promise<void> | undefined {
    try {
      const body = parseBody(bytes)
      if (body.ok) return this.take(req, res, body.value.items, request, receivedAtMs, answerNoContent)
      this.refuse(req, res, body.problem)
    } catch (error) {
      this.fail(req, res, error)
    }
    return undefined
  }

  private takePixel(req: IncomingMessage, res: ServerResponse): void {
    const nowMs = this.clock.now()
    const item = pixelItem(req.url ?? '', req.headers, nowMs)
    void this.take(req, res, [item], this.requests.read(req), nowMs, answerImage)
    process.nextTick(discardBody, req) // by then a request without a body is known to be complete
  }

  /** Answers at once, or when the promise resolves, which never rejects. */
  private take(
    req: IncomingMessage,
    res: ServerResponse,
    items: readonly unknown[],
    request: BeaconRequest,
    receivedAtMs: number,
    answerTaken: (res: ServerResponse, dropped: string) => void,
  ): Promise<void> | undefined {
    const answer = this.intake.take(items, request, receivedAtMs)
    if (answer instanceof Promise) {
      return answer.then((one) => settle(res, one, answerTaken)).catch((error: unknown) => this.fail(req, res, error))
    }
    settle(res, answer, answerTaken)
    return undefined
  }

  /** Before any item was known, so the request counts as one. */
  private refuse(req: IncomingMessage, res: ServerResponse, problem: Problem): void {
    this.outcomes.count(problem.code)
    answerProblem(res, problem)
    discardBody(req)
  }

  private fail(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    this.logger.error(`A beacon broke the intake: ${errorTrace(error)}`)
    if (!res.headersSent) this.refuse(req, res, { code: 'internal' })
  }
}

function settle(
  res: ServerResponse,
  answer: BeaconAnswer,
  answerTaken: (res: ServerResponse, dropped: string) => void,
): void {
  if ('problem' in answer) answerProblem(res, answer.problem)
  else answerTaken(res, answer.dropped)
}
