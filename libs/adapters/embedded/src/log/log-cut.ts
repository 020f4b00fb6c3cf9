import type { EmbeddedCounters } from '../counters/embedded-counters.js'
import type { EmbeddedConsumer } from './embedded-consumer.js'
import type { EmbeddedLog } from './embedded-log.js'

/** Records stay at least this long, as in the cluster's topic (docs/adr/0001). */
const KEEP_MS = 14 * 24 * 3600 * 1000

/** Cuts what is over 14 days old, what every group has passed, and what is in a checkpoint of the counters. Tells where the log begins then. */
export function createLogCut(
  log: EmbeddedLog,
  consumer: EmbeddedConsumer,
  counters: EmbeddedCounters,
  onCut: (partition: number, first: number) => void,
): (nowMs: number) => Promise<void> {
  return async (nowMs) => {
    const passed = consumer.passed()
    await counters.checkpoint()
    for (const [partition, offset] of passed.entries()) {
      const before = log.first(partition)
      await log.cut(partition, offset, nowMs - KEEP_MS)
      if (log.first(partition) > before) onCut(partition, log.first(partition))
    }
  }
}
