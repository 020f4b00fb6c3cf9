import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Logger } from 'pino'
import { AggregatorService } from '#aggregator'
import { WidgetDoor } from '#api'
import { COLLECTOR_DOORS, EventsDoor } from '#collector'
import { readConfig, type StandaloneConfig, standaloneConfig } from '#config'
import { hashOfKey } from '#directory'
import { configureFastify, fastifyOptions, type RawDoor } from '#http'
import { Metrics } from '#metrics'
import { createLogger, createOpsServer, drainHttp, nestLogger } from '#ops'
import { systemClock } from '#ports'
import { AppModule } from './app.module.js'
import { adminKey, prepareDataFolder } from './data-folder/data-folder.js'
import { ensureDemoSite } from './demo/demo.site.js'
import type { EmbeddedOptions } from './embedded.module.js'
import { FrontServer } from './front-server.js'
import { listen } from './listen.js'
import { explainPlatform, openOrExplain } from './open-or-explain.js'
import { healthOf } from './ops/health.js'

/** `dist/web`, seen from the compiled file. */
const WEB_ASSETS = fileURLToPath(new URL('../../../web', import.meta.url))
const DRAIN_MS = 20_000

/** The running process: what is printed of it, and its orderly end. */
export interface Standalone {
  readonly url: string
  readonly opsUrl: string
  readonly adminKeyFile: string | null
  readonly logger: Logger
  stop(): Promise<void>
}

/** Opens the folder, composes the features on the embedded adapters and listens. Throws StartError or ConfigError. */
export async function startStandalone(env: NodeJS.ProcessEnv): Promise<Standalone> {
  const config = readConfig(standaloneConfig, env)
  explainPlatform()
  const logger = createLogger('error') // nothing but errors before the URL, which is the first line of all
  const folder = await prepareDataFolder(config.TRUYCAP_DATA_DIR)
  const resources = await openOrExplain(folder, logger)
  const running = { serving: false }
  const front = new FrontServer()
  try {
    await ensureDemoSite(resources.registry, resources.directory, systemClock)
    const admin = await adminKey(folder, config.TRUYCAP_ADMIN_KEY)
    const metrics = new Metrics()
    const options = {
      resources,
      metrics,
      adminKey: admin.key,
      webAssets: { built: WEB_ASSETS, kept: join(folder, 'scripts') },
      collector: collectorOptions(config, admin.key),
    }
    const app = await createApp(options, front, logger)
    const aggregator = app.get(AggregatorService)
    const ops = createOpsServer(() => healthOf(resources, aggregator, running.serving), metrics.registry)
    await listen(ops, config.HOST, config.OPS_PORT, 'OPS_PORT')
    await listen(front.server, config.HOST, config.PORT, 'PORT')
    running.serving = true
    logger.level = config.LOG_LEVEL
    return {
      url: urlOf(front.server),
      opsUrl: urlOf(ops),
      adminKeyFile: admin.file,
      logger,
      stop: async () => {
        running.serving = false
        front.startDraining()
        await Promise.all([app.get(EventsDoor).drain(), drainHttp(front.server, DRAIN_MS)])
        await app.close()
        ops.close()
        ops.closeAllConnections()
      },
    }
  } catch (error) {
    await resources.close()
    throw error
  }
}

function collectorOptions(config: StandaloneConfig, adminKeyText: string): EmbeddedOptions['collector'] {
  return {
    trustProxy: config.TRUST_PROXY,
    ratePerSecond: config.RATE_PER_SECOND,
    rateBurst: config.RATE_BURST,
    adminKeyHash: hashOfKey(adminKeyText),
  }
}

async function createApp(
  options: EmbeddedOptions,
  front: FrontServer,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ ...fastifyOptions, serverFactory: front.factory })
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(options), adapter, {
    logger: nestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  })
  configureFastify(adapter.getInstance())
  await app.init()
  await adapter.getInstance().ready()
  front.open([...app.get<RawDoor[]>(COLLECTOR_DOORS), app.get(WidgetDoor)])
  return app
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`
}
