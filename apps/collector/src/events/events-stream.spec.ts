import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Collector, DoorServer, until } from '../testing/collector.js'
import { NOW_MS } from '../testing/fakes.js'
import { event, EventsSender, json, openEventsCollector, receipt } from '../testing/server-events.js'

let collector: Collector
let server: DoorServer
let send: EventsSender

beforeEach(async () => {
  collector = await openEventsCollector()
  server = await DoorServer.listen(collector)
  send = new EventsSender(server)
})

afterEach(() => server.close())

describe('a stream', () => {
  let socket: Socket

  beforeEach(() => {
    socket = connect(server.port, '127.0.0.1')
    socket.write('POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ingest-demo\r\n')
    socket.write('Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n')
  })

  afterEach(() => socket.destroy())

  function sendLine(line: unknown): void {
    const text = `${JSON.stringify(line)}\n`
    socket.write(`${text.length.toString(16)}\r\n${text}\r\n`)
  }

  function answered(): Promise<string> {
    return new Promise((resolve) => socket.once('data', (data) => resolve(String(data))))
  }

  it('is in the log line by line, long before it ends, with the receipt of each line', async () => {
    sendLine(event({ id: 'first' }))
    await until(() => collector.log.events.length === 1)
    collector.clock.nowMs = NOW_MS + 5000
    sendLine(event({ id: 'second' }))
    await until(() => collector.log.events.length === 2)
    expect(collector.log.events.map(({ receivedAtMs }) => receivedAtMs)).toEqual([NOW_MS, NOW_MS + 5000])
    socket.write('0\r\n\r\n')
    expect(await answered()).toContain('"accepted":2')
  })

  it('does not hold back a line that came while another was being written', async () => {
    let land = (): void => undefined
    collector.log.gate = new Promise((resolve) => (land = resolve))
    sendLine(event({ id: 'first' }))
    await until(() => collector.log.begun === 1)
    sendLine(event({ id: 'second' }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    collector.log.gate = Promise.resolve()
    land()
    await until(() => collector.log.events.length === 2)
  })

  it('is read no faster than the log takes it', async () => {
    let land = (): void => undefined
    collector.log.gate = new Promise((resolve) => (land = resolve))
    let sent = 0
    // Until the connection has taken nothing for 200 ms: what the kernel holds, and no more, was sent then.
    for (let isJammed = false; !isJammed;) {
      while (!socket.writableNeedDrain) sendLine(event({ id: `e${sent++}`, padding: 'x'.repeat(4000) }))
      isJammed = await new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(true), 200)
        socket.once('drain', () => resolve(false))
      })
      expect(socket.bytesWritten).toBeLessThan(64 * 1024 * 1024)
    }
    expect(collector.log.begun).toBe(1)
    land()
    socket.write('0\r\n\r\n')
    expect(await answered()).toContain(`"accepted":${sent}`)
  })

  it('that breaks off keeps the lines that came whole', async () => {
    sendLine(event({ id: 'first' }))
    const half = JSON.stringify(event({ id: 'half' })).slice(0, 30)
    socket.write(`${half.length.toString(16)}\r\n${half}\r\n`)
    await until(() => collector.log.events.length === 1)
    socket.destroy()
    expect(json(await send.lines(event({ id: 'third' })))).toEqual(receipt(1))
    expect(await collector.outcomes()).toEqual({ kept: 2 })
  })

  it('is answered as soon as the log is away, without its end', async () => {
    sendLine(event({ id: 'first' }))
    await until(() => collector.log.events.length === 1)
    collector.log.fails = true
    sendLine(event({ id: 'second' }))
    await until(() => collector.log.begun === 2)
    sendLine(event({ id: 'third' }))
    const answer = await answered()
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toContain('"accepted":1')
  })

  it('that does not end is ended when the process is to end, with its receipt', async () => {
    sendLine(event({ id: 'first' }))
    await until(() => collector.log.events.length === 1)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const stopped = collector.events.drain()
    vi.advanceTimersByTime(5000)
    vi.useRealTimers()
    const answer = await answered()
    await stopped
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toContain('"accepted":1')
  })

  it('that ends in time is answered in full when the process is to end', async () => {
    sendLine(event({ id: 'first' }))
    await until(() => collector.log.events.length === 1)
    const stopped = collector.events.drain()
    socket.write('0\r\n\r\n')
    expect(await answered()).toMatch(/^HTTP\/1\.1 200 /)
    await stopped
  })
})
