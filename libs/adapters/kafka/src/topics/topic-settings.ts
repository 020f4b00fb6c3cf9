export const EVENTS_TOPIC = 'truycap.events.v1'
export const DEAD_LETTERS_TOPIC = 'truycap.dead-letters.v1'
/** Never changed: a site's partition follows from it. Another number is another version of the topic, and a rebuild. */
export const EVENT_PARTITIONS = 32
export const DEAD_LETTER_PARTITIONS = 4

const DAY_MS = 24 * 3600 * 1000
/** A record of ours has at most some ten KiB; what is larger than a flush was not written by us. */
const MAX_MESSAGE_BYTES = 1024 * 1024

export interface TopicOptions {
  readonly replicationFactor: number
  readonly minInsyncReplicas: number
  readonly partitions?: number
  readonly eventsTopic?: string
  readonly deadLettersTopic?: string
}

/** A topic as it has to be. */
export interface TopicSettings {
  readonly topic: string
  readonly partitions: number
  readonly settings: Readonly<Record<string, string>>
}

export function eventsTopic({ minInsyncReplicas, partitions, eventsTopic }: TopicOptions): TopicSettings {
  return {
    topic: eventsTopic ?? EVENTS_TOPIC,
    partitions: partitions ?? EVENT_PARTITIONS,
    settings: settings(14, minInsyncReplicas),
  }
}

export function deadLettersTopic({ minInsyncReplicas, deadLettersTopic }: TopicOptions): TopicSettings {
  return {
    topic: deadLettersTopic ?? DEAD_LETTERS_TOPIC,
    partitions: DEAD_LETTER_PARTITIONS,
    settings: settings(30, minInsyncReplicas),
  }
}

/** The append time is the broker's: a collector with a wrong clock moves nothing. */
function settings(days: number, minInsyncReplicas: number): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': String(days * DAY_MS),
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': String(minInsyncReplicas),
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
  }
}
