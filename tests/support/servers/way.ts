import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A TCP way to a server on loopback that can lose answers or be late with them. What is asked always gets through. */
export class Way {
  /** While set, a connection is cut in place of its answer: what was asked is done, and who asked does not know. */
  cuts = false
  /** Answers come so much later, ms; in their order. */
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
    // One that closes has said all: it may still be on the way.
    upstream.on('close', () => setTimeout(() => client.destroy(), this.lateMs))
    client.pipe(upstream, { end: false })
    upstream.on('data', (chunk) => this.answer(client, chunk))
  }

  private answer(client: Socket, chunk: Buffer): void {
    if (this.cuts || this.cutOnce !== undefined) {
      this.cutOnce?.()
      this.cutOnce = undefined
      client.destroy()
    } else if (this.lateMs === 0) client.write(chunk)
    else setTimeout(() => client.destroyed || client.write(chunk), this.lateMs)
  }
}
