import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { discardBody, eachChunk, readBody } from './body.js'

const CHUNK = 'x'.repeat(64 * 1024)

let server: Server
let socket: Socket

afterEach(async () => {
  socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function serve(answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<void> {
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
}

/** The statuses of so many answers, in order. */
function statuses(count: number): Promise<number[]> {
  const seen: number[] = []
  return new Promise((resolve) => {
    socket.on('data', (data) => {
      seen.push(...[...String(data).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)))
      if (seen.length >= count) resolve(seen)
    })
  })
}

describe('a body', () => {
  it('that was cut off before anybody listened is told to be', async () => {
    const ends = new Promise((resolve) => {
      void serve((req) => {
        req.on('error', () => undefined)
        req.once('close', () => {
          const neverStopped = new AbortController().signal
          resolve(Promise.all([readBody(req, 1000, 10_000), eachChunk(req, async () => true, neverStopped, 10_000)]))
        })
        socket.destroy()
      }).then(() => socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{'))
    })
    expect(await ends).toEqual(['cut_off', 'cut_off'])
  })
})

describe('a body that is refused', () => {
  it('runs by, and the next request on the connection is answered', async () => {
    await serve(async (req, res) => {
      const body = await readBody(req, 1000, 10_000)
      res.writeHead(body === 'too_large' ? 413 : 204).end()
      discardBody(req)
    })
    const answered = statuses(2)
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${20 * CHUNK.length}\r\n\r\n`)
    for (let i = 0; i < 20; i++) socket.write(CHUNK)
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    expect(await answered).toEqual([413, 204])
  })

  it('runs by when reading was stopped in the middle of it', async () => {
    await serve(async (req, res) => {
      let left = 2
      const end = await eachChunk(req, async () => --left > 0, new AbortController().signal, 10_000)
      // By then all of a short body has come, though not all of it was taken.
      await new Promise((resolve) => setTimeout(resolve, 30))
      res.writeHead(end === 'stopped' ? 503 : 204).end()
      discardBody(req)
    })
    const answered = statuses(2)
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${3 * CHUNK.length}\r\n\r\n`)
    for (let i = 0; i < 3; i++) socket.write(CHUNK)
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}')
    expect(await answered).toEqual([503, 204])
  })

  it('ends the connection when it does not end itself', async () => {
    await serve((req, res) => {
      res.writeHead(415).end()
      discardBody(req)
    })
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = `${CHUNK.length.toString(16)}\r\n${CHUNK}\r\n`
    const flood = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', flood)
    socket.resume()
    flood()
    await closed
    expect(socket.bytesWritten).toBeGreaterThan(8 * 1024 * 1024)
  })
})
