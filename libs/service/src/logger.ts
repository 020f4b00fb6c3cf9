import type { LoggerService } from '@nestjs/common'
import { type Logger as Pino, pino } from 'pino'

/** JSON lines on stderr, so that stdout is for people. No key, address, User-Agent or URL is ever handed to it. */
export function createLogger(level: string): Pino {
  return pino(
    { level, base: { service: 'truycap' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
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
