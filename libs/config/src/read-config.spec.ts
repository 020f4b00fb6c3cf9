import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './read-config.js'
import { aggregatorConfig, apiConfig, collectorConfig, standaloneConfig } from './variables.js'

const problemsOf = (env: Record<string, string>) => {
  try {
    readConfig(standaloneConfig, env)
    return []
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => problem.split(':')[0])
  }
}

describe('readConfig', () => {
  it('has the defaults of the contract', () => {
    expect(readConfig(standaloneConfig, { PATH: '/bin', PORT: '' })).toEqual({
      TRUYCAP_DATA_DIR: './data',
      HOST: '127.0.0.1',
      PORT: 8080,
      OPS_PORT: 9464,
      TRUST_PROXY: [],
      LOG_LEVEL: 'info',
      RATE_PER_SECOND: 200,
      RATE_BURST: 2000,
    })
  })

  it('names all wrong variables at once', () => {
    const env = { TRUYCAP_DATADIR: 'x', PORT: '80a', LOG_LEVEL: 'loud', TRUST_PROXY: '10.0.0.0/33', RATE_BURST: '-1' }
    expect(problemsOf(env)).toEqual(['LOG_LEVEL', 'PORT', 'RATE_BURST', 'TRUST_PROXY', 'TRUYCAP_DATADIR'])
  })

  it('never repeats a value, which may be a secret', () => {
    expect(() => readConfig(standaloneConfig, { TRUYCAP_ADMIN_KEY: 'hunter2' })).toThrow(ConfigError)
    expect(() => readConfig(standaloneConfig, { TRUYCAP_ADMIN_KEY: 'hunter2' })).not.toThrow(/hunter2/)
  })

  it.each([
    'TRUYCAP_SERVICE_HOST',
    'TRUYCAP_SERVICE_PORT_HTTP',
    'TRUYCAP_PORT',
    'TRUYCAP_COLLECTOR_PORT_8081_TCP_ADDR',
    'TRUYCAP_API_SERVICE_PORT',
  ])('lets %s of Kubernetes pass', (name) => {
    expect(problemsOf({ [name]: 'tcp://10.0.0.1:80' })).toEqual([])
  })

  it('reads a cluster: brokers, the nodes of a Redis Cluster, a login that is whole', () => {
    const env = {
      KAFKA_BROKERS: 'k1:9092, k2:9092,[::1]:9093',
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-256',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
      REDIS_URL: 'rediss://a:6379 rediss://b:6379',
      CLICKHOUSE_URL: 'https://store:8443',
    }
    expect(readConfig(aggregatorConfig, env)).toMatchObject({
      OPS_PORT: 9466,
      KAFKA_BROKERS: ['k1:9092', 'k2:9092', '[::1]:9093'],
      KAFKA_TOPIC_PREFIX: 'truycap',
      KAFKA_SSL: true,
      REDIS_URL: ['rediss://a:6379', 'rediss://b:6379'],
      CLICKHOUSE_DATABASE: 'truycap',
    })
    expect(readConfig(collectorConfig, env)).toMatchObject({ PORT: 8081, OPS_PORT: 9465, SPOOL_MAX_BYTES: 2 ** 30 })
  })

  it('names what a service of a cluster lacks, or has half', () => {
    const namesOf = (env: Record<string, string>) => {
      try {
        return readConfig(apiConfig, env)
      } catch (error) {
        return (error as ConfigError).problems.map((problem) => problem.split(':')[0])
      }
    }
    expect(namesOf({})).toEqual(['CLICKHOUSE_URL', 'KAFKA_BROKERS', 'REDIS_URL', 'TRUYCAP_ADMIN_KEY'])
    const whole = {
      KAFKA_BROKERS: 'k:1',
      REDIS_URL: 'redis://r',
      CLICKHOUSE_URL: 'http://c',
      TRUYCAP_ADMIN_KEY: 'k'.repeat(16),
    }
    expect(namesOf({ ...whole, KAFKA_SASL_USERNAME: 'u' })).toEqual(['KAFKA_SASL_MECHANISM'])
    expect(namesOf({ ...whole, KAFKA_BROKERS: 'k', REDIS_URL: 'r', CLICKHOUSE_URL: 'clickhouse://c' })).toEqual([
      'CLICKHOUSE_URL',
      'KAFKA_BROKERS.0',
      'REDIS_URL.0',
    ])
  })

  it('reads networks apart by commas or spaces', () => {
    const { TRUST_PROXY } = readConfig(standaloneConfig, { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8 fd00::/8' })
    expect(TRUST_PROXY).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  })
})
