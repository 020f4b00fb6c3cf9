import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { IdleSweep } from './idle-sweep.js'

const BETWEEN_MS = 60_000
const WITHIN_MS = 300_000
/** As in the code: a connection is looked at so often. */
const SWEEP_MS = 15_000
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('IdleSweep', () => {
  let server: Server
  let accepted: Socket[]
  let answers: ServerResponse[]
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    ;[accepted, answers] = [[], []]
    server = createServer((req, res) => {
      sweep.underWay(req.socket, res)
      answers.push(res)
    })
    server.on('connection', (socket) => accepted.push(socket))
    const sweep = new IdleSweep(server, { betweenRequestsMs: BETWEEN_MS, withinRequestMs: WITHIN_MS })
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
    socket.on('error', () => undefined)
    await taken
    return socket
  }

  async function ask(socket: Socket, times = 1): Promise<ServerResponse[]> {
    const wanted = answers.length + times
    socket.write(REQUEST.repeat(times))
    await vi.waitUntil(() => answers.length === wanted)
    return answers.slice(-times)
  }

  async function answer(res: ServerResponse): Promise<void> {
    res.end('done')
    await once(res, 'finish')
  }

  const isCut = (n: number) => accepted[n]!.destroyed
  /** So long that a connection must have been cut, and a sweep less, when it must not. */
  const longEnough = (limitMs: number) => vi.advanceTimersByTime(limitMs + SWEEP_MS)
  const notLongEnough = (limitMs: number) => vi.advanceTimersByTime(limitMs - SWEEP_MS)

  it('cuts a connection that says nothing, and none on which a byte moves', async () => {
    await open()
    const slow = await open()
    for (const byte of ['G', 'E', 'T']) {
      const before = accepted[1]!.bytesRead
      slow.write(byte)
      await vi.waitUntil(() => accepted[1]!.bytesRead > before)
      vi.advanceTimersByTime(BETWEEN_MS)
    }
    expect([isCut(0), isCut(1)]).toEqual([true, false])
  })

  it('bears with a request that is worked on, for longer', async () => {
    await ask(await open())
    longEnough(BETWEEN_MS)
    notLongEnough(WITHIN_MS - BETWEEN_MS - SWEEP_MS)
    expect(isCut(0)).toBe(false)
    longEnough(BETWEEN_MS)
    expect(isCut(0)).toBe(true)
  })

  it('keeps a connection for a while after its answer, and cuts it then', async () => {
    await answer((await ask(await open()))[0]!)
    notLongEnough(BETWEEN_MS)
    expect(isCut(0)).toBe(false)
    longEnough(2 * SWEEP_MS)
    expect(isCut(0)).toBe(true)
  })

  it('bears with the second of two requests sent at once', async () => {
    const [first] = await ask(await open(), 2)
    await answer(first!)
    longEnough(BETWEEN_MS)
    longEnough(BETWEEN_MS)
    expect(isCut(0)).toBe(false)
  })
})
