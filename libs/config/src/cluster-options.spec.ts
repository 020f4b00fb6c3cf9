import { describe, expect, it } from 'vitest'
import { kafkaAddressOf, redisUrlOf, topicNamesOf } from './cluster-options.js'

describe('the addresses of a cluster', () => {
  it.each([
    [['redis://a:1/3'], 'redis://a:1/3'],
    [['redis://a:1', 'redis://b:2'], 'redis-cluster://a:1,b:2'],
    [['rediss://u:p%40@a:1', 'rediss://u:p%40@b'], 'rediss-cluster://u:p%40@a:1,b'],
  ])('%s is one Redis, or a cluster when there are several', (urls, expected) => {
    expect(redisUrlOf({ REDIS_URL: urls })).toBe(expected)
  })

  it('have a login only when one is given', () => {
    const config = { KAFKA_BROKERS: ['k:1'], KAFKA_TOPIC_PREFIX: 'x', KAFKA_REPLICATION_FACTOR: 3, KAFKA_SSL: true }
    expect(kafkaAddressOf(config)).toEqual({ brokers: ['k:1'], ssl: true })
    const login = { KAFKA_SASL_MECHANISM: 'plain' as const, KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' }
    expect(kafkaAddressOf({ ...config, ...login }).sasl).toEqual({ mechanism: 'plain', username: 'u', password: 'p' })
  })

  it('name topics with their version', () => {
    expect(topicNamesOf({ KAFKA_TOPIC_PREFIX: 'truycap' })).toEqual({
      eventsTopic: 'truycap.events.v1',
      deadLettersTopic: 'truycap.dead-letters.v1',
    })
  })
})
