import { setTimeout as wait } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { deadLettersTopic, eventsTopic, type TopicOptions } from './topic-settings.js'

const LED_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 100
/** Brokers hear of a topic one after the other, and a look is at any of them: several make it likely that all have. */
const LOOKS = 4

/**
 * Creates the topics that are not there yet, and resolves when every partition has a leader. Of those that are there it changes
 * nothing: `checkTopics` says what is wrong with them. Any number of processes may do it at once.
 */
export async function createTopics(admin: Admin, options: TopicOptions): Promise<void> {
  const wanted = [eventsTopic(options), deadLettersTopic(options)]
  for (const { topic, partitions, settings } of wanted) {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
    const { replicationFactor } = options
    // The driver's own wait for leaders fails when the broker that it asks has not yet heard of the topic.
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries }],
    })
  }
  for (const { topic } of wanted) await untilLed(admin, topic)
}

async function untilLed(admin: Admin, topic: string): Promise<void> {
  const giveUpAt = performance.now() + LED_WITHIN_MS
  let seen = 0
  for (;;) {
    seen = (await isLed(admin, topic)) ? seen + 1 : 0
    if (seen === LOOKS) return
    if (performance.now() > giveUpAt) throw new Error(`The topic ${topic} was created, but has no leaders.`)
    await wait(LOOK_EVERY_MS)
  }
}

async function isLed(admin: Admin, topic: string): Promise<boolean> {
  try {
    if (!(await admin.listTopics()).includes(topic)) return false
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]!.partitions.every(({ leader }) => leader >= 0)
  } catch (error) {
    if (isUnheardOf(error)) return false
    throw error
  }
}

/** The driver wraps what a broker said once or twice. */
function isUnheardOf(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('type' in cause && cause.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true
  return false
}
