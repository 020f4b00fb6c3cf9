import { createServer, type RequestListener, type Server } from 'node:http'
import type { RawDoor } from '#http'
import { IdleSweep } from './idle-sweep.js'

/** Fifty long Vietnamese paths on one request line. A request as a whole has no limit: an NDJSON stream may take hours. */
const LIMITS = {
  maxHeaderSize: 64 * 1024,
  headersTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 0,
}
/** Between requests longer than proxies hold an idle connection (nginx 60 s), within one longer than any door allows. */
const IDLE = { betweenRequestsMs: 75_000, withinRequestMs: 310_000 }

/**
 * The one HTTP server: hot doors first, on the bare request, then the framework. Doors are known only when the
 * application is made, which needs the server, so they are set later.
 */
export class FrontServer {
  private doors: readonly RawDoor[] = []
  private draining = false
  private made: Server | undefined

  /** For the `serverFactory` option of Fastify. */
  readonly factory = (framework: RequestListener): Server => {
    const serve: RequestListener = (req, res) => {
      if (this.draining) res.shouldKeepAlive = false
      if (!req.url!.startsWith('/')) req.url = originForm(req.url!)
      if (!this.doors.some((door) => door.handle(req, res))) framework(req, res)
      if (!res.writableEnded) idle.underWay(req.socket, res)
    }
    this.made = createServer({ ...LIMITS }, serve)
    const idle = new IdleSweep(this.made, IDLE)
    // An expectation that nobody knows may be left unmet (RFC 9110, 10.1.1): the request is answered like any other.
    this.made.on('checkExpectation', serve)
    return this.made
  }

  open(doors: readonly RawDoor[]): void {
    this.doors = doors
  }

  /** From now on every answer ends its connection. */
  startDraining(): void {
    this.draining = true
  }

  get server(): Server {
    if (this.made === undefined) throw new Error('The HTTP server is not made yet.')
    return this.made
  }
}

/** A target with scheme and host must be taken as well (RFC 9112, 3.2.2); they say nothing here. */
function originForm(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)
  if (origin === null) return target
  const rest = target.slice(origin[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
