import type { Logger } from 'pino'
import { ConfigError } from '#config'
import { StartError } from './start-error.js'

const EXIT_WITHIN_MS = 29_000

/** A process that is up. */
export interface RunningService {
  readonly logger: Logger
  /** The addresses that it took, for the log; `opsUrl` among them. */
  readonly addresses: Readonly<Record<string, string>>
  /** What a person is told on stdout, the URL first. */
  readonly greeting: readonly string[]
  /** Drains and closes everything. */
  stop(): Promise<void>
}

/**
 * The life of a process of ours: starts it, says where it listens, and on SIGTERM or SIGINT ends it in order within 30 s with
 * code 0 (contract section 6). A start that is refused ends with one clear message and code 1.
 */
export async function runService(start: (env: NodeJS.ProcessEnv) => Promise<RunningService>): Promise<never> {
  const asked = whenAsked()
  try {
    const service = await start(process.env)
    for (const line of service.greeting) process.stdout.write(`${line}\n`)
    service.logger.info(service.addresses, 'listening')
    await asked.end
    await stopWithin(service)
    process.exit(0)
  } catch (error) {
    const known = error instanceof StartError || error instanceof ConfigError
    process.stderr.write(known ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`)
    process.exit(asked.isAsked() ? 0 : 1)
  }
}

function whenAsked(): { readonly end: Promise<void>; isAsked(): boolean } {
  let asked = false
  const end = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        asked = true
        resolve()
      })
    }
  })
  return { end, isAsked: () => asked }
}

async function stopWithin({ stop, logger }: RunningService): Promise<void> {
  logger.info('draining')
  setTimeout(() => {
    logger.fatal('not drained in time')
    process.exit(1)
  }, EXIT_WITHIN_MS).unref()
  await stop()
  logger.info('stopped')
}
