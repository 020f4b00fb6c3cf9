import { createRequire } from 'node:module'
import type { KafkaLogger } from './kafka-client.js'

const PATCHED_VERSION = '2.2.4'
const require = createRequire(import.meta.url)
const patched = new WeakSet<object>()

/** As far as the patch knows the driver's request queue. */
export interface RequestQueueShape {
  pending: unknown[]
  scheduleCheckPendingRequests(): void
}

/**
 * Patches kafkajs 2.2.4 in memory, once. Of another version, or one of another shape, it leaves everything as it is and says so.
 *
 * The request queue of every connection sets a timer of 1 ms after every answer, and anew when it has fired, also when nothing
 * waits: an idle connection woke 914 times a second. Only a queue in which something waits needs the timer.
 */
export function patchKafkajs(log: KafkaLogger): void {
  const queue = requestQueue()
  if (queue === null) log('warn', 'kafkajs is not as expected: it is used unpatched', { expected: PATCHED_VERSION })
  else quietWhenIdle(queue)
}

export function quietWhenIdle(queue: RequestQueueShape): void {
  if (patched.has(queue)) return
  patched.add(queue)
  const schedule = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = function scheduleWhenPending(this: RequestQueueShape) {
    if (this.pending.length > 0) schedule.call(this)
  }
}

function requestQueue(): RequestQueueShape | null {
  try {
    const { version } = require('kafkajs/package.json') as { version: string }
    const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueueShape }
    const isKnown = version === PATCHED_VERSION && typeof prototype.scheduleCheckPendingRequests === 'function'
    return isKnown ? prototype : null
  } catch {
    return null
  }
}
