import type { IncomingMessage, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { bodyTooLarge, MAX_ARRAY_BYTES, parseBody, type Problem } from '#domain'
import { errorTrace, type RawDoor } from '#http'
import { CLOCK, type Clock } from '#ports'
import { Outcomes } from '../event/outcomes.js'
import { announcesMoreThan, discardBody, readBody } from '../http/body.js'
import { takenMediaType } from '../http/media-type.js'
import {
  answerImage,
  answerMethodNotAllowed,
  answerNoContent,
  answerPreflight,
  answerProblem,
} from './beacon-answers.js'
import { type BeaconAnswer, BeaconIntake } from './beacon.intake.js'
import { BeaconRequestReader } from './beacon-request.js'
import { pixelItem } from './pixel.js'

/** '' = no type given. */
const BODY_TYPES = new Set(['', 'text/plain', 'application/json'] as const)
const BODY_TIMEOUT_MS = 30_000

/** The browser door: `POST /c` and `GET /c.gif` on the bare request, judged in the order of contract section 2. */
@Injectable()
export class BeaconDoor implements RawDoor {
  private readonly logger = new Logger('collector')

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

  /** `enter` answers by itself, or resolves to the problem to answer with. */
  private open(req: IncomingMessage, res: ServerResponse, method: string, enter: () => Promise<Problem | null>): void {
    if (req.method === method) {
      enter().then((problem) => problem && this.refuse(req, res, problem), this.fail(req, res))
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

  private async takeBody(req: IncomingMessage, res: ServerResponse): Promise<Problem | null> {
    if (takenMediaType(req.headers, BODY_TYPES) === null) return { code: 'unsupported_media_type' }
    if (announcesMoreThan(req, MAX_ARRAY_BYTES)) return { code: 'too_large' }
    const request = this.requests.read(req)
    const bytes = await readBody(req, MAX_ARRAY_BYTES, BODY_TIMEOUT_MS)
    if (bytes === 'cut_off') return null
    if (bytes === 'too_large' || bodyTooLarge(bytes)) return { code: 'too_large' }
    const body = parseBody(bytes)
    if (!body.ok) return body.problem
    const answer = this.intake.take(body.value.items, request, this.clock.now())
    settle(res, answer instanceof Promise ? await answer : answer, answerNoContent)
    return null
  }

  private async takePixel(req: IncomingMessage, res: ServerResponse): Promise<Problem | null> {
    const nowMs = this.clock.now()
    const item = pixelItem(req.url ?? '', req.headers, nowMs)
    settle(res, await this.intake.take([item], this.requests.read(req), nowMs), answerImage)
    discardBody(req)
    return null
  }

  /** Before any item was known, so the request counts as one. */
  private refuse(req: IncomingMessage, res: ServerResponse, problem: Problem): void {
    this.outcomes.count(problem.code)
    answerProblem(res, problem)
    discardBody(req)
  }

  private fail(req: IncomingMessage, res: ServerResponse): (error: unknown) => void {
    return (error) => {
      this.logger.error(`A beacon broke the intake: ${errorTrace(error)}`)
      if (!res.headersSent) this.refuse(req, res, { code: 'internal' })
    }
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
