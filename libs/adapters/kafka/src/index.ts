export { createKafka, kafkaConfig, type KafkaClientOptions, type KafkaLogger } from './client/kafka-client.js'
export type { KafkaConsumerOptions } from './consumer/consumer-options.js'
export { KafkaConsumer } from './consumer/kafka-consumer.js'
export { type GroupRules, KafkaStrategy, type KafkaStrategyOptions } from './consumer/kafka-strategy.js'
export { KafkaDeadLetters, type KafkaDeadLettersOptions } from './log/kafka-dead-letters.js'
export { KafkaLog, type KafkaLogOptions } from './log/kafka-log.js'
export { checkTopics, topicOptionProblems, TopicsError } from './topics/check-topics.js'
export { createTopics } from './topics/create-topics.js'
export {
  DEAD_LETTER_PARTITIONS,
  DEAD_LETTERS_TOPIC,
  EVENT_PARTITIONS,
  EVENTS_TOPIC,
  type TopicOptions,
} from './topics/topic-settings.js'
