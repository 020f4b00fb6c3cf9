import type { LoggerService } from '@nestjs/common'
import { type Logger as Pino, pino } from 'pino'

/** JSON lines on stderr, so that stdout is for people. No key, address, User-Agent or URL is ever handed to it. */
export function createLogger(level: string, service = 'truycap'): Pino {
  return pino(
    { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** What a driver says of itself, on the same lines. Its details may hold addresses of our own servers, never of readers. */
export function driverLog(
  logger: Pino,
): (level: 'error' | 'warn' | 'info' | 'debug', message: string, details: Record<string, unknown>) => void {
  // What a driver finds noteworthy is routine to us: it reconnects by itself.
  return (level, message, details) => logger[level === 'info' ? 'debug' : level](details, message)
}

/** Nest's own logger on the same lines. */
export function nestLogger(logger: Pino): LoggerService {
  const at =
    (level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1)
      logger[level]({ context: typeof context === 'string' ? context : undefined }, String(message))
    }
  return {
    log: at('info'),
    error: at('error'),
    warn: at('warn'),
    debug: at('debug'),
    verbose: at('trace'),
    fatal: at('fatal'),
  }
}
