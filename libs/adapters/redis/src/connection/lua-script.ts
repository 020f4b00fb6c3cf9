import { createHash } from 'node:crypto'
import { COMMAND_TIMEOUT_MS, type RedisClient } from './redis-connection.js'

export type RedisArgument = string | number | Buffer
/** What a script answers: binary text as buffers. */
export type RedisReply = null | number | Buffer | readonly RedisReply[]

/** A Lua script, sent whole only to a server that does not have it. */
export class LuaScript {
  private readonly sha: string

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex')
  }

  run(client: RedisClient, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply> {
    return settled(client, async () => {
      const rest = [keys.length, ...keys, ...args]
      try {
        return (await client.callBuffer('EVALSHA', [this.sha, ...rest])) as RedisReply
      } catch (error) {
        if (!String(error).includes('NOSCRIPT')) throw error
        return (await client.callBuffer('EVAL', [this.text, ...rest])) as RedisReply
      }
    })
  }
}

/** The timeout of a command does not cover the wait for a cluster that has no node, nor what is tried again there. */
export async function settled<T>(client: RedisClient, work: () => Promise<T>): Promise<T> {
  const timeoutMs = timeoutOf(client) * 1.25
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work(), expired])
  } finally {
    clearTimeout(timer)
  }
}

function timeoutOf(client: RedisClient): number {
  const options = 'redisOptions' in client.options ? client.options.redisOptions : client.options
  return (options as { commandTimeout?: number } | undefined)?.commandTimeout ?? COMMAND_TIMEOUT_MS
}
