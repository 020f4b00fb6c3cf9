import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './read-config.js'
import { standaloneConfig } from './variables.js'

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

  it('reads networks apart by commas or spaces', () => {
    const { TRUST_PROXY } = readConfig(standaloneConfig, { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8 fd00::/8' })
    expect(TRUST_PROXY).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  })
})
