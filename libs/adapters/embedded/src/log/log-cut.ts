import type { EmbeddedConsumer } from './embedded-consumer.js'
import type { EmbeddedLog } from './embedded-log.js'

/** Records stay at least this long, as in the cluster's topic (docs/adr/0001). */
const KEEP_MS = 14 * 24 * 3600 * 1000

/**
 * Cuts what is over 14 days old and what every group had passed at the *previous* call: by then the counters' checkpoint
 * is durable too, since calls are far more than a second apart.
 */
export function createLogCut(log: EmbeddedLog, consumer: EmbeddedConsumer): (nowMs: number) => Promise<void> {
  let passedBefore: number[] = []
  return async (nowMs) => {
    const passed = consumer.passed()
    for (const [partition, offset] of passedBefore.entries()) await log.cut(partition, offset, nowMs - KEEP_MS)
    passedBefore = passed
  }
}
