import 'reflect-metadata'
import { ConfigError } from '#config'
import { startStandalone, type Standalone } from './standalone.js'
import { StartError } from './start-error.js'

const EXIT_WITHIN_MS = 29_000

let asked = false
const end = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      asked = true
      resolve()
    })
  }
})

try {
  const standalone = await startStandalone(process.env)
  announce(standalone)
  await end
  await stopWithin(standalone)
  process.exit(0)
} catch (error) {
  const known = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(known ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`)
  process.exit(asked ? 0 : 1)
}

/** The first line is the URL; what a person needs next goes after it. */
function announce({ url, opsUrl, adminKeyFile, logger }: Standalone): void {
  process.stdout.write(`${url}\n`)
  process.stdout.write(`Open it: a demo page counts you and says what to do next. Health and metrics: ${opsUrl}\n`)
  if (adminKeyFile !== null) process.stdout.write(`The admin key is in ${adminKeyFile}\n`)
  logger.info({ url, opsUrl }, 'listening')
}

async function stopWithin({ stop, logger }: Standalone): Promise<void> {
  logger.info('draining')
  setTimeout(() => {
    logger.fatal('not drained in time')
    process.exit(1)
  }, EXIT_WITHIN_MS).unref()
  await stop()
  logger.info('stopped')
}
