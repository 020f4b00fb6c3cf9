import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import type { DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { configureFastify, fastifyOptions, type RawDoor } from '#http'
import { drainHttp } from './drain.js'
import { FrontServer } from './front-server.js'
import { listen } from './listen.js'
import { nestLogger } from './logger.js'
import { createOpsServer, type Health } from './ops-server.js'

const DRAIN_MS = 20_000

export interface HttpServiceOptions {
  readonly module: DynamicModule
  readonly logger: Logger
  readonly host: string
  readonly port: number
  readonly opsPort: number
  readonly registry: Registry
  /** The hot doors, to be asked in this order in front of the framework. */
  doors(app: NestFastifyApplication): readonly RawDoor[]
  /** What `ready` says before the process serves, and while it drains, is overruled. */
  health(app: NestFastifyApplication): Health
  /** Lets go of requests that would not end by themselves. */
  drain?(app: NestFastifyApplication): Promise<void>
}

export interface HttpService {
  readonly url: string
  readonly opsUrl: string
  stop(): Promise<void>
}

/** A Nest application behind its hot doors, with its ops port (contract section 6). */
export async function startHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const running = { serving: false }
  const front = new FrontServer()
  const app = await createApp(options, front)
  const health = (): Health => {
    const now = options.health(app)
    return { ...now, ready: running.serving && now.ready }
  }
  const ops = createOpsServer(health, options.registry)
  await listen(ops, options.host, options.opsPort, 'OPS_PORT')
  await listen(front.server, options.host, options.port, 'PORT')
  running.serving = true
  return {
    url: urlOf(front.server),
    opsUrl: urlOf(ops),
    stop: async () => {
      running.serving = false
      front.startDraining()
      await Promise.all([options.drain?.(app), drainHttp(front.server, DRAIN_MS)])
      await app.close()
      ops.close()
      ops.closeAllConnections()
    },
  }
}

async function createApp(
  { module, logger, doors }: HttpServiceOptions,
  front: FrontServer,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ ...fastifyOptions, serverFactory: front.factory })
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  })
  configureFastify(adapter.getInstance())
  await app.init()
  await adapter.getInstance().ready()
  front.open(doors(app))
  return app
}

export function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`
}
