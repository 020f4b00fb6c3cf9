import type { IncomingMessage, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { type BeaconBody, bodyTooLarge, type Checked, MAX_ARRAY_BYTES, parseBody, type Problem } from '#domain'
import { errorTrace, type RawDoor } from '#http'
import { CLOCK, type Clock } from '#ports'
import { Outcomes } from '../event/outcomes.js'
import { announcesMoreThan, collectBody, completeBody, discardBody } from '../http/body.js'
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

/** A request of this turn of the event loop. */
interface Arrival {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Address of the other end: a socket that was closed since forgets it. */
  readonly peer: string | undefined
}

/** One whose body has come. */
interface Whole extends Arrival {
  /** Null = still in the request. */
  readonly bytes: Buffer | null
  readonly receivedAtMs: number
}

/** The browser door: `POST /c` and `GET /c.gif` on the bare request, judged in the order of contract section 2. */
@Injectable()
export class BeaconDoor implements RawDoor {
  private readonly logger = new Logger('collector')
  private arrivals: Arrival[] = []
  private readonly turns = new Turns<Whole>((whole) => this.answer(whole))

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

  /**
   * Nearly every body comes with its head: at the end of this turn of the loop it is there, no listener need wait for it, and all
   * that there is to do for it is done in one go when its own turn comes (docs/adr/0013).
   */
  private takeBody(req: IncomingMessage, res: ServerResponse): void {
    if (this.arrivals.length === 0) setImmediate(this.sort)
    this.arrivals.push({ req, res, peer: req.socket.remoteAddress })
  }

  private readonly sort = (): void => {
    const { arrivals } = this
    this.arrivals = []
    const receivedAtMs = this.clock.now()
    const whole: Whole[] = []
    for (const arrival of arrivals) {
      const { req, res, peer } = arrival
      if (req.complete) whole.push({ req, res, peer, bytes: null, receivedAtMs })
      else this.awaitBody(arrival) // never throws, as all of `whole` comes after it
    }
    this.turns.add(whole)
  }

  /** What is wrong with the head is said before the body has come. */
  private awaitBody({ req, res, peer }: Arrival): void {
    try {
      const problem = problemOfHead(req)
      if (problem !== null) return this.refuse(req, res, problem)
      collectBody(req, MAX_ARRAY_BYTES, BODY_TIMEOUT_MS, (bytes) => {
        if (bytes === 'too_large') this.refuse(req, res, { code: 'too_large' })
        else if (bytes !== 'cut_off') this.turns.add([{ req, res, peer, bytes, receivedAtMs: this.clock.now() }])
      })
    } catch (error) {
      this.fail(req, res, error)
    }
  }

  /** Never throws: the others of its turn come after it. */
  private answer({ req, res, peer, bytes, receivedAtMs }: Whole): Promise<void> | undefined {
    try {
      const read = bodyOf(req, bytes)
      if (read.ok) {
        const request = this.requests.read(req.headers, peer)
        return this.take(req, res, read.value.items, request, receivedAtMs, answerNoContent)
      }
      this.refuse(req, res, read.problem)
    } catch (error) {
      this.fail(req, res, error)
    }
    return undefined
  }

  private takePixel(req: IncomingMessage, res: ServerResponse): void {
    const nowMs = this.clock.now()
    const item = pixelItem(req.url ?? '', req.headers, nowMs)
    const request = this.requests.read(req.headers, req.socket.remoteAddress)
    void this.take(req, res, [item], request, nowMs, answerImage)
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
    const settle = (one: BeaconAnswer): void => {
      try {
        if ('problem' in one) answerProblem(res, one.problem)
        else answerTaken(res, one.dropped)
      } catch (error) {
        this.fail(req, res, error)
      }
    }
    if (answer instanceof Promise) return answer.then(settle, (error: unknown) => this.fail(req, res, error))
    settle(answer)
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

function problemOfHead(req: IncomingMessage): Problem | null {
  if (takenMediaType(req.headers, BODY_TYPES) === null) return { code: 'unsupported_media_type' }
  return announcesMoreThan(req, MAX_ARRAY_BYTES) ? { code: 'too_large' } : null
}

/** Of a request whose body has come: 415, 413, 400, in this order. `given` was read already, and the head judged before that. */
function bodyOf(req: IncomingMessage, given: Buffer | null): Checked<BeaconBody> {
  const problem = given === null ? problemOfHead(req) : null
  if (problem !== null) return { ok: false, problem }
  const bytes = given ?? completeBody(req)
  return bodyTooLarge(bytes) ? { ok: false, problem: { code: 'too_large' } } : parseBody(bytes)
}
