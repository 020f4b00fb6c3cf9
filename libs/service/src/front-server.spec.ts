import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FrontServer } from './front-server.js'

describe('FrontServer', () => {
  let front: FrontServer
  let accepted: Socket[]
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    accepted = []
    front = new FrontServer()
    const server = front.factory((req, res) => res.end(`framework ${req.url}`))
    const hot = {
      handle(req: IncomingMessage, res: ServerResponse): boolean {
        if (!req.url?.startsWith('/w/')) return false
        if (req.url !== '/w/slow') res.end(`door ${req.url}`)
        return true
      },
    }
    front.open([hot])
    server.on('connection', (socket) => accepted.push(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    vi.useRealTimers()
    front.server.closeAllConnections()
    front.server.close()
  })

  async function ask(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ text: string; keepsAlive: boolean }> {
    const { port } = front.server.address() as AddressInfo
    const sent = request({ host: '127.0.0.1', port, path, headers })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const chunks = await answer.toArray()
    return { text: chunks.join(''), keepsAlive: answer.headers.connection === 'keep-alive' }
  }

  it.each([
    ['/w/demo.json', 'door /w/demo.json'],
    ['/t.js', 'framework /t.js'],
    ['http://example.vn/w/demo.json?p=/a', 'door /w/demo.json?p=/a'],
    ['HTTPS://example.vn:99999/w/demo.json', 'door /w/demo.json'],
    ['http://example.vn', 'framework /'],
    ['http://example.vn?a=/w/', 'framework /?a=/w/'],
    ['//example.vn/w/demo.json', 'framework //example.vn/w/demo.json'],
    ['*', 'framework *'],
  ])('asks the doors first, for the target %s without its scheme and host', async (target, answered) => {
    expect((await ask(target)).text).toBe(answered)
  })

  it('answers a request whose expectation it does not know', async () => {
    expect((await ask('/w/demo.json', { Expect: 'tea' })).text).toBe('door /w/demo.json')
  })

  it('ends the connection with the answer while draining', async () => {
    expect((await ask('/t.js', { Connection: 'keep-alive' })).keepsAlive).toBe(true)
    front.startDraining()
    expect((await ask('/t.js', { Connection: 'keep-alive' })).keepsAlive).toBe(false)
  })

  describe('on a connection on which nothing moves', () => {
    async function connected(path: string): Promise<Socket> {
      const socket = connect((front.server.address() as AddressInfo).port, '127.0.0.1')
      const begun = once(front.server, 'request')
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await begun
      return socket
    }

    it('waits for the next request for 75 to 90 s', async () => {
      const socket = await connected('/w/demo.json')
      const [answer] = await once(socket, 'data')
      expect(String(answer)).not.toMatch(/^keep-alive: /im) // of which that would be the end
      vi.advanceTimersByTime(75_000)
      expect(accepted.map(({ destroyed }) => destroyed)).toEqual([false])
      vi.advanceTimersByTime(15_000)
      expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true])
    })

    it('waits for an answer for longer than any door takes', async () => {
      await connected('/w/slow')
      vi.advanceTimersByTime(300_000)
      expect(accepted.map(({ destroyed }) => destroyed)).toEqual([false])
      vi.advanceTimersByTime(30_000)
      expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true])
    })
  })
})
