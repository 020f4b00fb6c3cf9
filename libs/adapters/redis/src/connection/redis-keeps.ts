import { Cluster } from 'ioredis'
import type { RedisClient } from './redis-connection.js'

export interface RedisKeepsOptions {
  /** Whether a Redis without an append-only file will do: after its end the counters are made anew from the store. */
  readonly allowWithoutAof?: boolean
}

/**
 * Rejects unless every master keeps what it is given: one that evicts keys when its memory is full would forget counts
 * without a word. Asks INFO, which hosted services allow too, where CONFIG is often forbidden.
 */
export async function assertRedisKeeps(client: RedisClient, options: RedisKeepsOptions = {}): Promise<void> {
  if (client.status === 'wait') await client.connect()
  const masters = client instanceof Cluster ? client.nodes('master') : [client]
  if (masters.length === 0) throw new Error('The Redis Cluster has no master that answers')
  for (const master of masters) {
    const info = await master.info()
    const { host, port } = master.options
    const refuse = (what: string) => {
      throw new Error(`Redis at ${host}:${port} ${what}`)
    }
    const policy = valueOf(info, 'maxmemory_policy')
    if (policy !== 'noeviction') refuse(`has maxmemory-policy ${policy}: it must be noeviction, or counts are lost`)
    if (options.allowWithoutAof !== true && valueOf(info, 'aof_enabled') !== '1') {
      refuse('has no append-only file: set appendonly yes, or every restart makes all counters anew from the store')
    }
  }
}

function valueOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown'
}
