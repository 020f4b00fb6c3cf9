import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A TCP way to a server on loopback that can lose an answer. */
export interface CuttableProxy {
  readonly port: number
  /** Lets the next request through, and cuts its connection in place of the answer; resolves when that is done. */
  cutNextAnswer(): Promise<void>
  close(): Promise<void>
}

export async function startCuttableProxy(target: { host: string; port: number }): Promise<CuttableProxy> {
  const sockets = new Set<Socket>()
  let cut: (() => void) | undefined
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream, { end: false })
    upstream.on('data', (chunk) => {
      if (cut === undefined) return void client.write(chunk)
      cut()
      cut = undefined
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cutNextAnswer: () => new Promise((resolve) => (cut = resolve)),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
