import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { ClickHouseServer } from '../servers/clickhouse.js'
import { KafkaServers, type KafkaServersOptions } from '../servers/kafka.js'
import { Nginx } from '../servers/nginx.js'
import { type RedisServer, startRedis } from '../servers/redis.js'
import { Way } from '../servers/way.js'
import { request } from './http.js'
import type { Launched, LaunchOptions } from './launch.js'
import { launch, REPOSITORY, TEST_ADMIN_KEY } from './launch.js'
import type { Admin } from './standalone.js'
import { until } from './until.js'

export type ServiceName = 'collector' | 'aggregator' | 'api'

/** The real servers that a cluster stands on. */
export interface Servers {
  readonly kafka: KafkaServers
  readonly redis: RedisServer
  readonly clickhouse: ClickHouseServer
  /** Over which the services reach them, and a `way` of each broker; absent when they go there at once. */
  readonly ways?: { readonly redis: Way; readonly clickhouse: Way }
}

/** Where they are reached: plain data, for a test file that did not start them itself. */
export interface ServerAddresses {
  readonly kafka: Pick<KafkaServers, 'addresses'>
  readonly redis: Pick<RedisServer, 'url' | 'host' | 'port'>
  readonly clickhouse: Pick<ClickHouseServer, 'url' | 'user' | 'password'>
}

/** One process of a service, on ports that it keeps over restarts. */
export class Service {
  private launched: Launched | undefined

  constructor(
    readonly name: ServiceName,
    private readonly options: LaunchOptions,
  ) {}

  get process(): Launched {
    if (this.launched === undefined) throw new Error(`no ${this.name} was started`)
    return this.launched
  }

  /** Without a slash at the end, like `opsUrl`. An aggregator has none. */
  get url(): string {
    return this.address('url')
  }

  get opsUrl(): string {
    return this.address('opsUrl')
  }

  /** Resolves when it is ready; on the same folder and ports when it ran before. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const before = this.launched
    const ports = before === undefined ? {} : { ...this.portOf('PORT', 'url'), ...this.portOf('OPS_PORT', 'opsUrl') }
    const dataDir = before?.dataDir ?? this.options.dataDir
    this.launched = launch({
      ...this.options,
      ...(dataDir !== undefined && { dataDir }),
      env: { ...this.options.env, ...ports, ...env },
      entry: resolve(REPOSITORY, `dist/apps/${this.name}/src/main.js`),
    })
    await this.ready()
  }

  async kill(): Promise<void> {
    await this.process.killTree()
  }

  /**
   * Starts it again when it ended by itself because its consumer group could not go on, which is how it gives itself into the hands
   * of whoever keeps services running; resolves to whether it did. Any other end is a fault and rejects.
   */
  async revive(): Promise<boolean> {
    const running = Symbol('running')
    const exit = await Promise.race([this.process.exited, Promise.resolve(running)])
    if (exit === running) return false
    if (!this.process.logs().some(({ msg }) => String(msg).includes('cannot go on, the process ends')))
      throw new Error(`the ${this.name} ended: ${JSON.stringify(exit)}\n${this.process.stderr().slice(-3000)}`)
    await this.start()
    return true
  }

  async ready(timeoutMs = 40_000): Promise<void> {
    let ended: unknown
    void this.process.exited.then((how) => (ended = how))
    const isReady = async () => {
      if (ended !== undefined) return true
      return (await request({ url: `${this.opsUrl}/health/ready` })).status === 200
    }
    await until(isReady, { timeoutMs, everyMs: 30, what: `the ${this.name} to be ready` }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.process.stderr().slice(-3000)}`)
    })
    if (ended !== undefined) throw new Error(`the ${this.name} ended\n${this.process.stderr().slice(-3000)}`)
  }

  private address(field: 'url' | 'opsUrl'): string {
    const line = this.process.logs().find(({ msg }) => msg === 'listening')
    const url = line?.[field]
    if (typeof url !== 'string') throw new Error(`the ${this.name} does not listen yet`)
    return url.replace(/\/$/, '')
  }

  private portOf(name: string, field: 'url' | 'opsUrl'): Record<string, string> {
    try {
      return { [name]: new URL(this.address(field)).port }
    } catch {
      return {}
    }
  }
}

export interface ClusterOptions<S extends ServerAddresses = Servers> {
  /** Servers to stand on; new ones unless given. Any number of clusters may share them. */
  readonly servers?: S
  readonly collectors?: number
  readonly aggregators?: number
  readonly apis?: number
  /** The data folder of each api, in place of a new one. */
  readonly apiFolder?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The three services on real servers behind one origin, with topics, tables and keys of their own. */
export class Cluster<S extends ServerAddresses = Servers> implements Admin {
  readonly adminKey = TEST_ADMIN_KEY

  private constructor(
    readonly servers: S,
    readonly database: string,
    readonly services: readonly Service[],
    private readonly nginx: Nginx,
  ) {}

  static async start<S extends ServerAddresses = Servers>(options: ClusterOptions<S> = {}): Promise<Cluster<S>> {
    const servers = options.servers ?? ((await startServers()) as unknown as S)
    const name = `test_${randomBytes(6).toString('hex')}`
    const env = { ...environmentOf(servers, name), ...options.env }
    await migrate(env)
    const { collectors = 1, aggregators = 1, apis = 1, apiFolder } = options
    const ofApi = { env, ...(apiFolder !== undefined && { dataDir: apiFolder }) }
    const services = [
      ...Array.from({ length: collectors }, () => new Service('collector', { env })),
      ...Array.from({ length: aggregators }, () => new Service('aggregator', { env: withoutFolder(env) })),
      ...Array.from({ length: apis }, () => new Service('api', ofApi)),
    ]
    await Promise.all(services.map((service) => service.start()))
    const urls = (wanted: ServiceName) => services.filter((one) => one.name === wanted).map(({ url }) => url)
    const nginx = await Nginx.start({ collectors: urls('collector'), apis: urls('api') })
    return new Cluster(servers, name, services, nginx)
  }

  /** One origin, without a slash at the end. */
  get url(): string {
    return this.nginx.url
  }

  all(name: ServiceName): Service[] {
    return this.services.filter((service) => service.name === name)
  }

  one(name: ServiceName): Service {
    return this.all(name)[0]!
  }

  /** kill -9 to every process of the three services, then all again on the same folders, ports and servers. */
  async crash(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()))
    await Promise.all(this.services.map((service) => service.start()))
  }

  /** Ends the services in order; the servers go on. */
  async stop(): Promise<void> {
    await this.nginx.stop()
    await Promise.all(this.services.map((service) => service.process.stop()))
  }
}

/** One Kafka broker unless said, one Redis, one ClickHouse; the services reach them over ways, if wanted. */
export async function startServers(options: KafkaServersOptions = {}): Promise<Servers> {
  const [kafka, redis, clickhouse] = await Promise.all([
    KafkaServers.start(options),
    startRedis(),
    ClickHouseServer.start(),
  ])
  if (!options.overWays) return { kafka, redis, clickhouse }
  const ways = { redis: await Way.open(redis), clickhouse: await Way.open(clickhouse) }
  return { kafka, redis, clickhouse, ways }
}

export function environmentOf({ kafka, ...servers }: ServerAddresses, name: string): Record<string, string> {
  const { redis, clickhouse } = servers
  const { ways } = servers as Partial<Servers>
  return {
    KAFKA_BROKERS: kafka.addresses.join(','),
    KAFKA_TOPIC_PREFIX: name,
    KAFKA_REPLICATION_FACTOR: String(kafka.addresses.length),
    REDIS_URL: overWay(redis.url, ways?.redis),
    CLICKHOUSE_URL: overWay(clickhouse.url, ways?.clickhouse),
    CLICKHOUSE_USER: clickhouse.user,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    CLICKHOUSE_DATABASE: name,
    TRUST_PROXY: '127.0.0.1',
  }
}

function overWay(address: string, way: Way | undefined): string {
  const url = new URL(address)
  if (way !== undefined) url.port = String(way.port)
  return url.href.replace(/\/$/, '')
}

/** An aggregator has no folder and no key of its own. */
function withoutFolder(env: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...env, TRUYCAP_DATA_DIR: undefined, TRUYCAP_ADMIN_KEY: undefined }
}

/** Runs `npm run migrate` on servers; rejects with what it said when it refuses. */
export async function migrate(env: Readonly<Record<string, string>>): Promise<string> {
  const launched = launch({ env, entry: resolve(REPOSITORY, 'dist/apps/migrate/src/main.js') })
  const { code } = await launched.exited
  if (code !== 0) throw new Error(launched.stderr())
  return launched.stdout()
}

/** Runs `npm run reconcile` on servers; what it said, and its exit code. */
export async function reconcile(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const launched = launch({ env, entry: resolve(REPOSITORY, 'dist/apps/reconcile/src/main.js') })
  const { code } = await launched.exited
  return { code, text: `${launched.stdout()}${launched.stderr()}` }
}
