import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** After how long without a byte a connection is cut, ms; a sweep (`SWEEP_MS`) later at most. */
export interface IdleLimits {
  /** While no request is under way that was not answered at once. */
  readonly betweenRequestsMs: number
  /** While one is. */
  readonly withinRequestMs: number
}

const SWEEP_MS = 15_000

/** What is known of a connection. */
interface Watched {
  /** Bytes that had moved when it was looked at last. */
  bytes: number
  silentMs: number
  /** Of its latest request that was not answered at once, until that is seen to have ended. */
  answer: ServerResponse | null
}

const WATCHED = Symbol('watched')
type WatchedSocket = Socket & { [WATCHED]?: Watched }

/**
 * Cuts connections on which nothing moves. The timers that Node has for that (`keepAliveTimeout`, `server.setTimeout`) are set anew
 * with every request, each of which is a tenth of what a read costs: the first is turned off here, the second is off.
 */
export class IdleSweep {
  private readonly sockets = new Set<WatchedSocket>()

  constructor(
    server: Server,
    private readonly limits: IdleLimits,
  ) {
    server.keepAliveTimeout = 0
    server.on('connection', (socket: WatchedSocket) => {
      socket[WATCHED] = { bytes: -1, silentMs: 0, answer: null }
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
    const timer = setInterval(() => this.sweep(), SWEEP_MS).unref()
    server.once('close', () => clearInterval(timer))
  }

  /**
   * To be told of every request that is not answered at once (what is held on to lives through a garbage collection). Those of one
   * connection are answered in order, so its latest one ends last.
   */
  underWay(socket: WatchedSocket, answer: ServerResponse): void {
    const watched = socket[WATCHED]
    if (watched !== undefined) watched.answer = answer
  }

  private sweep(): void {
    for (const socket of this.sockets) {
      const watched = socket[WATCHED]!
      const bytes = socket.bytesRead + socket.bytesWritten
      if (watched.answer?.writableFinished) watched.answer = null
      watched.silentMs = bytes === watched.bytes ? watched.silentMs + SWEEP_MS : 0
      watched.bytes = bytes
      const { betweenRequestsMs, withinRequestMs } = this.limits
      if (watched.silentMs >= (watched.answer === null ? betweenRequestsMs : withinRequestMs)) socket.destroy()
    }
  }
}
