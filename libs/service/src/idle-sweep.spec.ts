import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sweepIdle } from './idle-sweep.js'

const IDLE_MS = 300_000

describe('sweepIdle', () => {
  let server: Server
  let accepted: Socket[]
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    server = createServer()
    accepted = []
    server.on('connection', (socket) => accepted.push(socket))
    sweepIdle(server, IDLE_MS)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    vi.useRealTimers()
    server.closeAllConnections()
    server.close()
  })

  async function open(): Promise<Socket> {
    const taken = once(server, 'connection')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await taken
    return socket
  }

  // sweep    |         |         |
  // silent   ----------------x
  // slow     --b-------b-------b--
  it('cuts a connection on which nothing moved between two sweeps, and none on which a byte did', async () => {
    const [silent, slow] = [await open(), await open()]
    const bytes = ['G', 'E', 'T']
    const gone = once(silent, 'close')
    for (const byte of bytes) {
      slow.write(byte)
      await vi.waitUntil(() => accepted[1]!.bytesRead > bytes.indexOf(byte))
      vi.advanceTimersByTime(IDLE_MS)
    }
    await gone
    expect(slow.closed).toBe(false)
    slow.destroy()
  })
})
