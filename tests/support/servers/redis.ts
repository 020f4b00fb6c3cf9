import { Redis } from 'ioredis'
import { removeFolder, tempFolder } from '../harness/cleanup.js'
import { until } from '../harness/until.js'
import { onFreePorts } from './free-ports.js'
import { OwnedProcess } from './owned-process.js'

export interface RedisServerOptions {
  /** Directives over the harness's own, as on the command line: `{ maxmemory: '10mb' }`. */
  readonly directives?: Readonly<Record<string, string>>
  readonly password?: string
  /** A folder to use (and keep) in place of a new temporary one. */
  readonly folder?: string
}

/** A throw-away redis-server on loopback, with an append-only file. */
export interface RedisServer {
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly url: string
  readonly password: string | undefined
  /** Its data; what lies here is what a restart finds. */
  readonly folder: string
  readonly pid: number
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** On the same port and folder, killed first if it runs; resolves when it has loaded its data. */
  restart(): Promise<void>
  /** Killed, and its own temporary folder removed. */
  stop(): Promise<void>
}

const HOST = '127.0.0.1'

export function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  return onFreePorts(2, async ([port = 0, busPort = 0]) => {
    const server = new ThrowAwayRedis(port, busPort, options)
    try {
      await server.restart()
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  })
}

class ThrowAwayRedis implements RedisServer {
  readonly host = HOST
  readonly url: string
  readonly password: string | undefined
  readonly folder: string
  private process: OwnedProcess | undefined

  constructor(
    readonly port: number,
    readonly busPort: number,
    private readonly options: RedisServerOptions,
  ) {
    this.url = `redis://${HOST}:${port}`
    this.password = options.password
    this.folder = options.folder ?? tempFolder('truycap-redis-')
  }

  get pid(): number {
    return this.process?.pid ?? 0
  }

  async kill(): Promise<void> {
    await this.process?.kill()
    this.process = undefined
  }

  async stop(): Promise<void> {
    await this.kill()
    if (this.options.folder === undefined) removeFolder(this.folder)
  }

  async restart(): Promise<void> {
    await this.kill()
    this.process = new OwnedProcess('redis-server', this.args(), {
      env: process.env,
      hint: 'apt-get install redis-server',
    })
    await this.process.untilItAnswers(() => this.answers())
  }

  private args(): string[] {
    const directives = {
      port: String(this.port),
      bind: HOST,
      dir: this.folder,
      save: '',
      appendonly: 'yes',
      appendfsync: 'everysec',
      'maxmemory-policy': 'noeviction',
      ...(this.options.password !== undefined && { requirepass: this.options.password }),
      ...this.options.directives,
      ...(this.options.directives?.['cluster-enabled'] === 'yes' && { 'cluster-port': String(this.busPort) }),
    }
    return Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value])
  }

  /** Whether it answers, and with its data loaded. */
  private async answers(): Promise<boolean> {
    return withRedis(this, async (redis) => (await redis.ping()) === 'PONG').catch(() => false)
  }
}

/** A plain connection for what a test wants to ask of a server itself; closed afterwards. */
export async function withRedis<T>(
  server: { host: string; port: number; password?: string | undefined },
  work: (redis: Redis) => Promise<T>,
) {
  const { host, port, password } = server
  const options = { host, port, lazyConnect: true, commandTimeout: 5000, ...(password !== undefined && { password }) }
  const redis = new Redis({ ...options, retryStrategy: null, maxRetriesPerRequest: 0, enableReadyCheck: false })
  redis.on('error', () => undefined)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

export interface RedisClusterServers {
  readonly masters: readonly RedisServer[]
  readonly url: string
  stop(): Promise<void>
}

const SLOTS = 16_384

/** Masters that share the slots in equal ranges, as `redis-cli --cluster create` does it. */
export async function startRedisCluster(count = 3): Promise<RedisClusterServers> {
  const directives = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' }
  const masters = await Promise.all(Array.from({ length: count }, () => startRedis({ directives })))
  await Promise.all(masters.map((master, n) => withRedis(master, (redis) => join(redis, masters[0], n, count))))
  for (const master of masters) {
    await until(() => withRedis(master, (redis) => isWhole(redis, count)), { what: 'the Redis Cluster to agree' })
  }
  return {
    masters,
    url: `redis-cluster://${masters.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    stop: async () => {
      await Promise.all(masters.map((master) => master.stop()))
    },
  }
}

async function join(redis: Redis, first: RedisServer, n: number, count: number): Promise<void> {
  const from = Math.round((n * SLOTS) / count)
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', from, Math.round(((n + 1) * SLOTS) / count) - 1)
  await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', n + 1)
  if (n > 0) await redis.call('CLUSTER', 'MEET', first.host, first.port, first.busPort)
}

async function isWhole(redis: Redis, count: number): Promise<boolean> {
  const info = String(await redis.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${count}`)
}
