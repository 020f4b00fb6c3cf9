import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FrontServer } from './front-server.js'

describe('FrontServer', () => {
  let front: FrontServer
  beforeEach(async () => {
    front = new FrontServer()
    const server = front.factory((req, res) => res.end(`framework ${req.url}`))
    const hot = {
      handle(req: IncomingMessage, res: ServerResponse): boolean {
        if (!req.url?.startsWith('/w/')) return false
        res.end(`door ${req.url}`)
        return true
      },
    }
    front.open([hot])
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
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
})
