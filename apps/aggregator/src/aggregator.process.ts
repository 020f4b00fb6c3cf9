import { aggregatorConfig, readConfig } from '#config'
import { createLogger, type Health, type RunningService, startWorkerService } from '#service'
import { AppModule, connectGroups, openCluster, type AggregatorResources } from './app.module.js'
import { AggregatorService } from './aggregator.service.js'

/** An aggregator of a cluster. Throws StartError or ConfigError. */
export async function startAggregator(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(aggregatorConfig, env)
  const logger = createLogger(config.LOG_LEVEL, 'aggregator')
  const resources = await openCluster(config, logger)
  try {
    const { opsUrl, stop } = await startWorkerService({
      module: AppModule.on(resources),
      logger,
      host: config.HOST,
      opsPort: config.OPS_PORT,
      registry: resources.metrics.registry,
      connect: (app) => connectGroups(app, config, resources, logger),
      health: (app) => healthOf(app.get(AggregatorService), resources),
    })
    return { logger, addresses: { opsUrl }, greeting: [opsUrl], stop }
  } catch (error) {
    await resources.close()
    throw error
  }
}

/** Ready when both groups have joined (contract section 6): stores that are away are waited for. */
function healthOf(aggregator: AggregatorService, { redis, clickhouse }: AggregatorResources): Health {
  const [counters, store] = [aggregator.state('counters'), aggregator.state('store')]
  return {
    ready: counters === 'up' && store !== 'starting',
    dependencies: { counters, store, redis: redis.state, clickhouse: clickhouse.state },
  }
}
