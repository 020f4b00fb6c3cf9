import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AggregatorService } from '#aggregator'
import { WidgetDoor } from '#api'
import { COLLECTOR_DOORS, EventsDoor } from '#collector'
import { readConfig, standaloneConfig } from '#config'
import { hashOfKey } from '#directory'
import type { RawDoor } from '#http'
import { Metrics } from '#metrics'
import { systemClock } from '#ports'
import {
  adminKey,
  createLogger,
  explainOpening,
  prepareDataFolder,
  type RunningService,
  startHttpService,
  StartError,
} from '#service'
import { AppModule } from './app.module.js'
import { ensureDemoSite } from './demo/demo.site.js'
import { openEmbedded, requirePlatform } from './embedded.resources.js'
import { healthOf } from './health.js'

/** `dist/web`, seen from the compiled file. */
const WEB_ASSETS = fileURLToPath(new URL('../../../web', import.meta.url))

/** Opens the folder, composes the features on the embedded adapters and listens. Throws StartError or ConfigError. */
export async function startStandalone(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(standaloneConfig, env)
  explainPlatform()
  const logger = createLogger('error') // nothing but errors before the URL, which is the first line of all
  const folder = await prepareDataFolder(config.TRUYCAP_DATA_DIR)
  const resources = await explainOpening(folder, () => openEmbedded(folder, logger))
  try {
    await ensureDemoSite(resources.registry, resources.directory, systemClock)
    const admin = await adminKey(folder, config.TRUYCAP_ADMIN_KEY)
    const metrics = new Metrics()
    const { url, opsUrl, stop } = await startHttpService({
      module: AppModule.on({
        resources,
        metrics,
        adminKey: admin.key,
        webAssets: { built: WEB_ASSETS, kept: join(folder, 'scripts') },
        collector: {
          trustProxy: config.TRUST_PROXY,
          ratePerSecond: config.RATE_PER_SECOND,
          rateBurst: config.RATE_BURST,
          adminKeyHash: hashOfKey(admin.key),
        },
      }),
      logger,
      host: config.HOST,
      port: config.PORT,
      opsPort: config.OPS_PORT,
      registry: metrics.registry,
      doors: (app) => [...app.get<RawDoor[]>(COLLECTOR_DOORS), app.get(WidgetDoor)],
      health: (app) => healthOf(resources, app.get(AggregatorService)),
      drain: (app) => app.get(EventsDoor).drain(),
    })
    logger.level = config.LOG_LEVEL
    return { logger, addresses: { url, opsUrl }, greeting: greetingOf(url, opsUrl, admin.file), stop }
  } catch (error) {
    await resources.close()
    throw error
  }
}

/** Throws a StartError where the embedded mode cannot run, before anything is written. */
function explainPlatform(): void {
  try {
    requirePlatform()
  } catch (error) {
    throw new StartError((error as Error).message, { cause: error })
  }
}

/** The first line is the URL; what a person needs next goes after it. */
function greetingOf(url: string, opsUrl: string, adminKeyFile: string | null): string[] {
  const open = `Open it: a demo page counts you and says what to do next. Health and metrics: ${opsUrl}`
  return [url, open, ...(adminKeyFile === null ? [] : [`The admin key is in ${adminKeyFile}`])]
}
