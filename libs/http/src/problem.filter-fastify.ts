import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import { replyProblem } from './problem.filter.js'
import { splitTarget } from './query.js'

/** Largest body that a Nest route takes, unless the route says otherwise. */
export const BODY_LIMIT_BYTES = 64 * 1024

/** A body that is not here by then never will be; else a slow sender would hold a connection and its memory for ever. */
const BODY_TIMEOUT_MS = 30_000

/** Answers on a socket whose bytes were no HTTP request: there is nothing that a problem body could be about. */
function clientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return socket.destroy() && undefined
  const statuses: Record<string, string> = {
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  }
  const status = statuses[error.code ?? ''] ?? '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
}

/**
 * Options for `new FastifyAdapter({ ...fastifyOptions, serverFactory })`. What the router refuses before any hook, a path
 * that cannot be decoded or is too long, names nothing that we have: `route_not_found`.
 */
export const fastifyOptions = {
  bodyLimit: BODY_LIMIT_BYTES,
  frameworkErrors: (_error: Error, _request: FastifyRequest, reply: FastifyReply) =>
    replyProblem(reply, { code: 'route_not_found' }),
  clientErrorHandler: clientError,
} satisfies FastifyServerOptions

/**
 * Makes Fastify answer as the contract says where Nest does not reach, and hands bodies over as bytes (`Buffer`), so that
 * a route judges the key before the body. To be called before the routes are registered, in an app that is created with
 * `bodyParser: false`.
 */
export function configureFastify(instance: FastifyInstance): void {
  const routes = new RouteList()
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  // May be large, so the route reads it itself, with a limit of its own, once it knows who asks.
  instance.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload))
  instance.addHook('onRoute', ({ method, url }) => routes.add(method, url))
  instance.addHook('onRequest', (request, reply, done) => {
    limitBodyTime(request.raw)
    if (request.is404) refuseUnrouted(routes, request, reply)
    else done()
  })
}

function limitBodyTime(request: IncomingMessage): void {
  const { headers } = request
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  const timer = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS)
  request.once('close', () => clearTimeout(timer))
}

/** Before its body is read: no route, or a route that has other methods. */
function refuseUnrouted(routes: RouteList, request: FastifyRequest, reply: FastifyReply): void {
  const methods = routes.methodsOf(splitTarget(request.raw.url ?? '').path)
  if (methods.length === 0) return replyProblem(reply, { code: 'route_not_found' })
  reply.header('allow', methods.join(', '))
  replyProblem(reply, { code: 'method_not_allowed' })
}

/** Which methods each path has. Fastify's router answers 404 for a known path with another method and cannot tell. */
class RouteList {
  private readonly routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []

  add(methods: string | readonly string[], url: string): void {
    const source = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')
    this.routes.push({ pattern: new RegExp(`^${source}$`), methods: [methods].flat() })
  }

  methodsOf(path: string): string[] {
    const found = this.routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
    return [...new Set(found)].sort()
  }
}
