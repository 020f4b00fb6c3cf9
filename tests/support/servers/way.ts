import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A TCP way to a server on loopback that can lose answers or be late with them. What is asked gets through at once. */
export class Way {
  /** While set, a connection is cut in place of its answer: what was asked is done, and who asked does not know. */
  cuts = false
  /** Answers come so much later, ms; on one connection never before an earlier one. */
  lateMs = 0
  private cutOnce: (() => void) | undefined
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  static async open(target: { host: string; port: number }): Promise<Way> {
    const server = createServer()
    const way = new Way(server, target)
    server.on('connection', (client) => way.join(client)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.unref()
    return way
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Lets the next request through, and cuts its connection in place of the answer; resolves when that is done. */
  cutNextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.cutOnce = resolve))
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  private join(client: Socket): void {
    const upstream = connect(this.target.port, this.target.host)
    for (const socket of [client, upstream]) {
      this.sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.sockets.delete(socket))
    }
    client.on('close', () => upstream.destroy())
    client.pipe(upstream, { end: false })
    let dueAt = 0
    const late = (work: () => void) => {
      const now = performance.now()
      dueAt = Math.max(dueAt, now + this.lateMs)
      if (dueAt <= now) work()
      else setTimeout(work, dueAt - now)
    }
    // One that closes has said all: it may still be on the way.
    upstream.on('close', () => late(() => client.destroy()))
    upstream.on('data', (chunk) => {
      if (this.isCut()) client.destroy()
      else late(() => client.destroyed || client.write(chunk))
    })
  }

  private isCut(): boolean {
    const isCut = this.cuts || this.cutOnce !== undefined
    this.cutOnce?.()
    this.cutOnce = undefined
    return isCut
  }
}
