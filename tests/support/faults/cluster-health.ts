import type { Cluster, Service } from '../harness/index.js'
import { until, valuesOf } from '../harness/index.js'
import { caughtUp } from './operations.js'

async function assertSpoolIsEmpty({ opsUrl }: Service): Promise<void> {
  const bytes = await valuesOf(opsUrl, 'truycap_spool_bytes')
  if (Object.keys(bytes).length > 0) throw new Error(`the spool holds ${JSON.stringify(bytes)}`)
}

/** Waits until every spool is empty and both groups of every aggregator are at the end of the log, with none halted. */
export async function clusterCaughtUp(cluster: Cluster, timeoutMs = 40_000): Promise<void> {
  const spoolsAreEmpty = async () => {
    for (const collector of cluster.all('collector')) await assertSpoolIsEmpty(collector)
    return true
  }
  await until(spoolsAreEmpty, { timeoutMs, everyMs: 200, what: 'empty spools' })
  for (const aggregator of cluster.all('aggregator')) await caughtUp(aggregator.opsUrl, timeoutMs)
}
