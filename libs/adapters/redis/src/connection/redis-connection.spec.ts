import { Cluster, type Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { connectRedis, parseRedisUrl, type RedisClient } from './redis-connection.js'

const clients: RedisClient[] = []
afterEach(() => clients.splice(0).forEach((client) => client.disconnect()))
const connected = (url: string) => {
  const client = connectRedis({ url, tls: { servername: 'redis.example' } })
  clients.push(client)
  return client
}

describe('a Redis URL', () => {
  it.each([
    ['redis://h', { nodes: [{ host: 'h', port: 6379 }], isCluster: false, isTls: false, db: 0 }],
    ['rediss://u:p%40@h:1/2', { nodes: [{ host: 'h', port: 1 }], isTls: true, username: 'u', password: 'p@', db: 2 }],
    ['redis://:p@[::1]:7', { nodes: [{ host: '::1', port: 7 }], username: '', password: 'p' }],
    [
      'redis-cluster://h1:1,h2:2',
      {
        nodes: [
          { host: 'h1', port: 1 },
          { host: 'h2', port: 2 },
        ],
        isCluster: true,
      },
    ],
    ['rediss-cluster://h1', { nodes: [{ host: 'h1', port: 6379 }], isCluster: true, isTls: true }],
  ])('%s is understood', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected)
  })

  it.each(['http://h', 'redis://', 'redis://h1:1,h2:2', 'redis://secret@', 'redis://h/x'])(
    '%s is refused, without repeating what may be a password',
    (url) => {
      expect(() => parseRedisUrl(url)).toThrow(/^(?!.*secret)/)
    },
  )

  it('tells one Redis from a cluster, and TLS options go with TLS only', () => {
    const [one, secure, cluster] = ['redis://h', 'rediss://h', 'rediss-cluster://h'].map(connected)
    expect([one, secure, cluster].map((client) => client instanceof Cluster)).toEqual([false, false, true])
    expect((one as Redis).options.tls).toBeUndefined()
    expect((secure as Redis).options.tls).toEqual({ servername: 'redis.example' })
    expect((cluster as Cluster).options.redisOptions?.tls).toEqual({ servername: 'redis.example' })
    expect([one, secure, cluster].map((client) => client.status)).toEqual(['wait', 'wait', 'wait'])
  })
})
