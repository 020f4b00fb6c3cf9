import { collectorConfig, readConfig } from '#config'
import type { RawDoor } from '#http'
import { createLogger, explainOpening, prepareDataFolder, type RunningService, startHttpService } from '#service'
import { AppModule, openCluster } from './app.module.js'
import { COLLECTOR_DOORS } from './collector.module.js'
import { EventsDoor } from './events/events.door.js'

/** A collector of a cluster. Throws StartError or ConfigError. */
export async function startCollector(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(collectorConfig, env)
  const logger = createLogger(config.LOG_LEVEL, 'collector')
  const folder = await prepareDataFolder(config.TRUYCAP_DATA_DIR)
  const resources = await explainOpening(folder, () => openCluster(config, folder, logger))
  try {
    const { url, opsUrl, stop } = await startHttpService({
      module: AppModule.on(resources, config),
      logger,
      host: config.HOST,
      port: config.PORT,
      opsPort: config.OPS_PORT,
      registry: resources.metrics.registry,
      doors: (app) => app.get<RawDoor[]>(COLLECTOR_DOORS),
      health: () => resources.health(),
      drain: (app) => app.get(EventsDoor).drain(),
    })
    return { logger, addresses: { url, opsUrl }, greeting: [url], stop }
  } catch (error) {
    await resources.close()
    throw error
  }
}
