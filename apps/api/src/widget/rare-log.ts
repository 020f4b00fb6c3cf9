import { Logger } from '@nestjs/common'

const EVERY_MS = 60_000

/** Warns at most once a minute: a source that is away fails for every site, many times a second. */
export class RareLog {
  private readonly logger: Logger
  private loggedAtMs = Number.NEGATIVE_INFINITY

  constructor(context: string) {
    this.logger = new Logger(context)
  }

  warn(what: string, error: unknown): void {
    const nowMs = performance.now()
    if (nowMs - this.loggedAtMs < EVERY_MS) return
    this.loggedAtMs = nowMs
    this.logger.warn(`${what}: ${String(error)}`)
  }
}
