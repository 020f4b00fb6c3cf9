import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AS_BROWSER, view } from '../testing/beacons.js'
import { type Answered, Collector, DoorServer, until } from '../testing/collector.js'

let collector: Collector
let server: DoorServer

beforeEach(async () => {
  collector = await new Collector().open()
  server = await DoorServer.listen(collector)
})

afterEach(() => server.close())

const sendView = (): Promise<Answered> => server.send({ headers: AS_BROWSER, body: JSON.stringify(view()) })

describe('a sender that goes away', () => {
  it('in mid body leaves nothing behind', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n{"v":1')
    await until(() => server.requests === 1)
    socket.destroy()
    expect((await sendView()).status).toBe(204)
    expect(collector.log.events).toHaveLength(1)
    expect(await collector.outcomes()).toEqual({ kept: 1 })
  })

  describe('late', () => {
    const SWEPT_MS = 1100
    const HEAD = 'POST /c HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nContent-Length: '
    let socket: Socket
    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ['performance'] })
      socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      const opened = server.requests
      socket.write(`${HEAD}300\r\n\r\n{"v":1`)
      await until(() => server.requests > opened)
      await new Promise((resolve) => setImmediate(resolve))
    })
    afterEach(() => {
      vi.useRealTimers()
      socket.destroy()
    })

    it('is sent away when its body does not come in 30 s, not sooner', async () => {
      vi.advanceTimersByTime(29_999)
      await new Promise((resolve) => setTimeout(resolve, SWEPT_MS))
      expect(socket.closed).toBe(false)
      vi.advanceTimersByTime(2)
      await until(() => socket.closed)
      expect(await collector.outcomes()).toEqual({})
    })

    it('keeps its connection when its body has come', async () => {
      const answers: string[] = []
      socket.on('data', (data) => answers.push(...(String(data).match(/HTTP\/1\.1 \d+/g) ?? [])))
      socket.write('}'.padEnd(300 - '{"v":1'.length))
      await until(() => answers.length === 1)
      vi.advanceTimersByTime(60_000)
      await new Promise((resolve) => setTimeout(resolve, SWEPT_MS))
      const text = JSON.stringify(view())
      socket.write(`${HEAD}${text.length}\r\n\r\n${text}`)
      await until(() => answers.length === 2)
      expect(answers).toEqual(['HTTP/1.1 400', 'HTTP/1.1 204'])
    })
  })

  it('before the answer harms nobody, and its beacon is kept', async () => {
    let land = (): void => undefined
    collector.log.gate = new Promise((resolve) => (land = resolve))
    const text = JSON.stringify(view())
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`POST /c HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
    await until(() => collector.log.begun === 1)
    socket.destroy()
    await until(() => server.connections === 0)
    land()
    await until(() => collector.log.events.length === 1)
    expect((await sendView()).status).toBe(204)
  })
})
