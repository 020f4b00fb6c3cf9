import type { TestProject } from 'vitest/node'
import { endEverything } from './harness/cleanup.js'
import { Cluster, startServers } from './harness/cluster.js'
import { SHARED_ENVIRONMENT } from './harness/shared-environment.js'
import { createSite } from './harness/sites.js'

/**
 * What all files of the cluster project share: Kafka, Redis and ClickHouse, and one cluster for the files that need none of their
 * own. Each takes longer to start than many files to run.
 */
export default async function startShared(project: TestProject): Promise<() => Promise<void>> {
  try {
    const servers = await startServers()
    const cluster = await Cluster.start({ servers, env: SHARED_ENVIRONMENT })
    // Standalone makes it by itself at its first start.
    await createSite(cluster, { id: 'demo', bots: 'count' })
    const { addresses } = servers.kafka
    const { url, user, password } = servers.clickhouse
    const { url: redisUrl, host, port } = servers.redis
    project.provide('sharedServers', {
      kafka: { addresses },
      redis: { url: redisUrl, host, port },
      clickhouse: { url, user, password },
    })
    project.provide('sharedProduct', { url: cluster.url, adminKey: cluster.adminKey })
  } catch (error) {
    await endEverything()
    throw error
  }
  return endEverything
}
