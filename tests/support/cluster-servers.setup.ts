import type { TestProject } from 'vitest/node'
import { endEverything } from './harness/cleanup.js'
import { ClickHouseServer } from './servers/clickhouse.js'
import { KafkaServers } from './servers/kafka.js'

/** The servers that all files of the cluster project share: Kafka alone takes longer to start than many files to run. */
export default async function startSharedServers(project: TestProject): Promise<() => Promise<void>> {
  try {
    const [{ addresses }, { url, user, password }] = await Promise.all([KafkaServers.start(), ClickHouseServer.start()])
    project.provide('sharedServers', { kafka: { addresses }, clickhouse: { url, user, password } })
  } catch (error) {
    await endEverything()
    throw error
  }
  return endEverything
}
