import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { type Problem, type ProblemCode, ProblemError } from '#domain'
import { problemResponse } from './problem-response.js'

/** What the framework refuses by itself, by the status that it gives. 414 is a path parameter longer than any of ours. */
const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'bad_json',
  404: 'route_not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  414: 'route_not_found',
  415: 'unsupported_media_type',
}

/** The problem that an error stands for; `internal` for everything that nobody expected. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown } | null)?.statusCode
  return { code: (typeof status === 'number' && CODE_OF_STATUS[status]) || 'internal' }
}

/** Sends a problem through Fastify (contract section 2: `application/problem+json`, never cached). */
export function replyProblem(reply: FastifyReply, problem: Problem): void {
  const { status, headers, body } = problemResponse(problem)
  reply.status(status).headers(headers).send(body)
}

/**
 * An error without what a request may have put into it: its name, its code and its stack, not its message, since
 * messages quote input.
 */
export function errorTrace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const { code } = error as { code?: unknown }
  // The stack begins with the message, which may have lines that look like frames.
  const stack = error.stack ?? ''
  const afterMessage = stack.slice(stack.indexOf(error.message) + error.message.length)
  const frames = afterMessage.split('\n').filter((line) => /^\s+at /.test(line))
  return [typeof code === 'string' ? `${error.name} ${code}` : error.name, ...frames].join('\n')
}

/** The one filter behind all Nest routes: maps every error to its problem and logs only what nobody expected. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http')

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error)
    if (problem.code === 'internal') this.logger.error(errorTrace(error))
    const reply = host.switchToHttp().getResponse<FastifyReply>()
    if (!reply.sent) replyProblem(reply, problem)
  }
}
