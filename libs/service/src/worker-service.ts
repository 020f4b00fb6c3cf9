import type { DynamicModule, INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { urlOf } from './http-service.js'
import { listen } from './listen.js'
import { nestLogger } from './logger.js'
import { createOpsServer, type Health } from './ops-server.js'

export interface WorkerServiceOptions {
  readonly module: DynamicModule
  readonly logger: Logger
  readonly host: string
  readonly opsPort: number
  readonly registry: Registry
  /** Connects the application to what it reads; what it returns is called when it has joined all of that. */
  connect(app: INestApplication): () => void
  health(app: INestApplication): Health
}

/** A Nest application without a door of its own: it reads from transports, and has an ops port (contract section 6). */
export async function startWorkerService(
  options: WorkerServiceOptions,
): Promise<{ readonly opsUrl: string; stop(): Promise<void> }> {
  const running = { serving: false }
  const app = await NestFactory.create(options.module, new FastifyAdapter(), {
    logger: nestLogger(options.logger),
    abortOnError: false,
  })
  const joined = options.connect(app)
  const health = (): Health => {
    const now = options.health(app)
    return { ...now, ready: running.serving && now.ready }
  }
  const ops = createOpsServer(health, options.registry)
  await listen(ops, options.host, options.opsPort, 'OPS_PORT')
  await app.init()
  await app.startAllMicroservices()
  joined()
  running.serving = true
  return {
    opsUrl: urlOf(ops),
    stop: async () => {
      running.serving = false
      await app.close()
      ops.close()
      ops.closeAllConnections()
    },
  }
}
