import { createServer, type RequestListener, type Server } from 'node:http'
import type { RawDoor } from '#http'

/** A page that never finishes its request must not hold a connection for ever. */
const REQUEST_TIMEOUT_MS = 60_000

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
    this.made = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: 75_000 }, (req, res) => {
      if (this.draining) res.shouldKeepAlive = false
      for (const door of this.doors) if (door.handle(req, res)) return
      framework(req, res)
    })
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
