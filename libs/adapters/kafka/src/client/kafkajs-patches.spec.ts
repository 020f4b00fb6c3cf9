import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { patchKafkajs } from './kafkajs-patches.js'

interface Queue {
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  push(request: object): void
  fulfillRequest(answer: object): void
}

const require = createRequire(import.meta.url)
const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue
const silent = { debug: () => undefined, warn: () => undefined }

describe('the request queue of kafkajs, patched', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const opened = (maxInFlightRequests: number) => {
    patchKafkajs(() => undefined)
    return new RequestQueue({ maxInFlightRequests, requestTimeout: 1000, clientId: 'c', broker: 'b', logger: silent })
  }
  const request = (correlationId: number, sendRequest: () => void) => ({
    entry: { correlationId, resolve: () => undefined, reject: () => undefined },
    expectResponse: true,
    sendRequest,
  })

  it('sets no timer when everything is answered and nothing waits', () => {
    const queue = opened(1)
    queue.push(request(1, () => undefined))
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('still sends what waited for a throttle to end', () => {
    const queue = opened(1)
    queue.throttledUntil = Date.now() + 500
    const send = vi.fn<() => void>()
    queue.push(request(1, send))
    vi.advanceTimersByTime(400)
    expect(send).not.toHaveBeenCalled()
    vi.advanceTimersByTime(200)
    expect(send).toHaveBeenCalledOnce()
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
    vi.advanceTimersByTime(100)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('warns of nothing: the installed version is the one that was patched', () => {
    const log = vi.fn<() => void>()
    patchKafkajs(log)
    expect(log).not.toHaveBeenCalled()
  })
})
