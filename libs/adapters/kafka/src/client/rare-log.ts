import type { KafkaLogger } from './kafka-client.js'

const EVERY_MS = 10_000
/** Of texts that differ each time only so many are remembered. */
const REMEMBERED = 200

/**
 * While Kafka is away the driver says the same for every attempt of every connection, some ten lines a second. Each text passes
 * once in ten seconds, with how often it was held back.
 */
export function rareLog(log: KafkaLogger, now: () => number = () => performance.now()): KafkaLogger {
  const said = new Map<string, { atMs: number; heldBack: number }>()
  return (level, message, details) => {
    const known = said.get(message)
    if (known !== undefined && now() - known.atMs < EVERY_MS) {
      known.heldBack++
      return
    }
    if (said.size >= REMEMBERED) said.clear()
    said.set(message, { atMs: now(), heldBack: 0 })
    log(
      level,
      message,
      known === undefined || known.heldBack === 0 ? details : { ...details, heldBack: known.heldBack },
    )
  }
}
