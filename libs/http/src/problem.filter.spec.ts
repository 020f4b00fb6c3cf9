import { once } from 'node:events'
import { connect } from 'node:net'
import { HttpException, NotFoundException } from '@nestjs/common'
import { fastify } from 'fastify'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProblemError } from '#domain'
import { errorTrace, problemOf } from './problem.filter.js'
import { configureFastify, fastifyOptions } from './problem.filter-fastify.js'

describe('problemOf', () => {
  const withStatus = (statusCode: number) => Object.assign(new Error('x'), { statusCode })
  it.each([
    [new ProblemError({ code: 'bad_field', field: 'id' }), { code: 'bad_field', field: 'id' }],
    [new NotFoundException('Cannot GET /secret'), { code: 'route_not_found' }],
    [new HttpException('too big', 413), { code: 'too_large' }],
    [withStatus(415), { code: 'unsupported_media_type' }],
    [withStatus(414), { code: 'route_not_found' }],
    [withStatus(400), { code: 'bad_json' }],
    [withStatus(418), { code: 'internal' }],
    [new TypeError('undefined is not a function'), { code: 'internal' }],
    [null, { code: 'internal' }],
    ['text', { code: 'internal' }],
  ])('of %s is %j', (error, expected) => {
    expect(problemOf(error)).toEqual(expected)
  })
})

describe('errorTrace', () => {
  it('has the kind and the place of an error, and nothing of its message, which may quote input', () => {
    const trace = errorTrace(Object.assign(new SyntaxError('tcp_owner_secret\n    at 203.0.113.9'), { code: 'E_X' }))
    expect(trace).toMatch(/^SyntaxError E_X\n\s+at .*problem\.filter\.spec/)
    expect(trace).not.toMatch(/secret|203\.0/)
  })

  it('has nothing of what is no error', () => {
    expect(errorTrace('secret')).toBe('string')
  })
})

describe('fastifyOptions', () => {
  it('answer bytes that are no HTTP with a bare 400 and close', async () => {
    const instance = fastify(fastifyOptions)
    configureFastify(instance)
    const url = new URL(await instance.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(url.port), '127.0.0.1')
    socket.end('NOT HTTP\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    await instance.close()
    expect(text).toBe('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
})

describe('configureFastify', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('sends a sender away whose body is not there after 30 s, and leaves those alone that were answered', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const instance = fastify(fastifyOptions)
    configureFastify(instance)
    instance.post('/a', (_request, reply) => reply.send('taken'))
    const { port } = new URL(await instance.listen({ host: '127.0.0.1', port: 0 }))
    const [slow, quick] = [connect(Number(port), '127.0.0.1'), connect(Number(port), '127.0.0.1')]
    const head = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n'
    quick.write(`${head}{}`)
    const seen = new Promise((resolve) => instance.server.once('request', resolve))
    await once(quick, 'data')
    slow.write(`${head}{`)
    await seen
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    const gone = once(slow, 'close')
    vi.advanceTimersByTime(30_000)
    await gone
    expect(quick.closed).toBe(false)
    quick.destroy()
    await instance.close()
  })
})
