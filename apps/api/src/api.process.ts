import { apiConfig, readConfig } from '#config'
import {
  createLogger,
  explainOpening,
  type Health,
  prepareDataFolder,
  type RunningService,
  startHttpService,
} from '#service'
import { ApiService } from './api.service.js'
import { AppModule, type ApiResources, openCluster } from './app.module.js'
import { WidgetDoor } from './widget/widget.door.js'

/** An api of a cluster. Throws StartError or ConfigError. */
export async function startApi(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(apiConfig, env)
  const logger = createLogger(config.LOG_LEVEL, 'api')
  const folder = await prepareDataFolder(config.TRUYCAP_DATA_DIR)
  const resources = await explainOpening(folder, () => openCluster(config, folder, logger))
  try {
    const { url, opsUrl, stop } = await startHttpService({
      module: AppModule.on(resources),
      logger,
      host: config.HOST,
      port: config.PORT,
      opsPort: config.OPS_PORT,
      registry: resources.metrics.registry,
      doors: (app) => [app.get(WidgetDoor)],
      health: (app) => healthOf(app.get(ApiService), resources),
    })
    return { logger, addresses: { url, opsUrl }, greeting: [url], stop }
  } catch (error) {
    await resources.close()
    throw error
  }
}

/** Without the counters it is stale, not unready (contract section 6). */
function healthOf(api: ApiService, { clickhouse }: ApiResources): Health {
  const registry = api.isReady ? 'up' : 'starting'
  return { ready: api.isReady, dependencies: { registry, counters: api.countersState, store: clickhouse.state } }
}
