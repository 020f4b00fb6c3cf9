import kafkajs from 'kafkajs'
import type { Admin, ITopicMetadata } from 'kafkajs'
import { deadLettersTopic, eventsTopic, type TopicOptions, type TopicSettings } from './topic-settings.js'

/** What has to be as we say, or events are lost or counted wrong. Sizes and retention are the operator's. */
const BINDING = ['cleanup.policy', 'message.timestamp.type', 'unclean.leader.election.enable'] as const

/** The topics are not as they have to be; every reason is in the message. */
export class TopicsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'TopicsError'
  }
}

/** Says what of the wanted topics a cluster of so many brokers cannot keep; to be asked before they are created. */
export function topicOptionProblems(brokers: number, options: TopicOptions): string[] {
  const { replicationFactor, minInsyncReplicas } = options
  const problems: string[] = []
  if (replicationFactor > brokers)
    problems.push(`A replication factor of ${replicationFactor} needs as many brokers; there are ${brokers}.`)
  if (minInsyncReplicas >= 2 && minInsyncReplicas >= replicationFactor)
    problems.push(
      `With min.insync.replicas ${minInsyncReplicas} of ${replicationFactor} replicas no broker may ever be away.`,
    )
  if (brokers >= 3 && minInsyncReplicas < 2)
    problems.push(
      `min.insync.replicas ${minInsyncReplicas} with ${brokers} brokers: an event would be acknowledged that one broker alone has. Set it to 2, with a replication factor of 3.`,
    )
  return problems
}

/** Throws a TopicsError unless both topics are there as they have to be. */
export async function checkTopics(admin: Admin, options: TopicOptions): Promise<void> {
  const { brokers } = await admin.describeCluster()
  const problems = topicOptionProblems(brokers.length, options)
  const existing = new Set(await admin.listTopics())
  for (const wanted of [eventsTopic(options), deadLettersTopic(options)]) {
    if (existing.has(wanted.topic)) problems.push(...(await topicProblems(admin, wanted, brokers.length)))
    else problems.push(`The topic ${wanted.topic} is missing; the migration creates it.`)
  }
  if (problems.length > 0) throw new TopicsError(problems)
}

async function topicProblems(admin: Admin, wanted: TopicSettings, brokers: number): Promise<string[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [wanted.topic] })
  const found = await settingsOf(admin, wanted.topic)
  return [...shapeProblems(topics[0]!, wanted, brokers), ...settingProblems(found, wanted, brokers)]
}

function shapeProblems({ partitions }: ITopicMetadata, wanted: TopicSettings, brokers: number): string[] {
  const problems: string[] = []
  if (partitions.length !== wanted.partitions)
    problems.push(
      `The topic ${wanted.topic} has ${partitions.length} partitions in place of ${wanted.partitions}: sites would be looked for where their events are not.`,
    )
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length))
  if (brokers >= 3 && copies < 3)
    problems.push(`The topic ${wanted.topic} has ${copies} replicas in place of 3, with ${brokers} brokers.`)
  return problems
}

function settingProblems(found: Map<string, string>, wanted: TopicSettings, brokers: number): string[] {
  const wrong = BINDING.filter((name) => found.get(name) !== wanted.settings[name])
  const problems = wrong.map(
    (name) => `The topic ${wanted.topic} has ${name} ${found.get(name)} in place of ${wanted.settings[name]}.`,
  )
  const minInsync = found.get('min.insync.replicas')
  if (brokers >= 3 && Number(minInsync) < 2)
    problems.push(
      `The topic ${wanted.topic} has min.insync.replicas ${minInsync} with ${brokers} brokers; set it to 2.`,
    )
  return problems
}

async function settingsOf(admin: Admin, topic: string): Promise<Map<string, string>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  })
  const entries = resources[0]?.configEntries ?? []
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]))
}
