import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { RedisCounters } from '#adapters/redis'
import { type CountersUnderTest, countersContract } from '#ports/testing'
import { endEverything } from '../support/harness/index.js'
import { type RedisClusterServers, type RedisServer, startRedis, startRedisCluster } from '../support/servers/redis.js'

let single: RedisServer
let cluster: RedisClusterServers

beforeAll(async () => {
  ;[single, cluster] = await Promise.all([startRedis(), startRedisCluster()])
})
afterAll(endEverything)

/** Every instance has keys of its own, so nothing needs to be emptied in between. */
function openCounters(url: () => string, partitions: number, prefix: string = randomUUID()): CountersUnderTest {
  const counters = RedisCounters.connect({ url: url(), partitions, prefix })
  return {
    counters,
    partitions,
    persist: async () => undefined,
    dispose: () => counters.close(),
    reopen: async () => {
      await counters.close()
      return openCounters(url, partitions, prefix)
    },
  }
}

describe('on one Redis', () => {
  for (const partitions of [1, 4]) {
    countersContract(`counters in ${partitions} partition(s)`, async () => openCounters(() => single.url, partitions))
  }
})

describe('on a Redis Cluster of three masters', () => {
  countersContract('counters in 32 partitions', async () => openCounters(() => cluster.url, 32))
})
