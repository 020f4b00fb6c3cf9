import { isUtf8 } from 'node:buffer'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '#domain'

const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/**
 * The JSON value of a body (bytes, see `configureFastify`): 415 for another type or any encoding, `bad_json` for what is
 * no JSON in UTF-8. Read as a parameter of the handler, so after the guard: who has no key learns nothing else.
 */
export function jsonOf(headers: FastifyRequest['headers'], body: unknown): unknown {
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || headers['content-encoding'] !== undefined) {
    throw new ProblemError({ code: 'unsupported_media_type' })
  }
  if (!Buffer.isBuffer(body) || !isUtf8(body)) throw new ProblemError({ code: 'bad_json' })
  try {
    return JSON.parse(body.toString()) as unknown
  } catch {
    throw new ProblemError({ code: 'bad_json' })
  }
}

export const JsonBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const { headers, body } = context.switchToHttp().getRequest<FastifyRequest>()
  return jsonOf(headers, body)
})
