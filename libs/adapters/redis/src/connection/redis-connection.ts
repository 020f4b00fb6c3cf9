import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'

/** One Redis, or a Redis Cluster. */
export type RedisClient = Redis | Cluster

export interface RedisConnectionOptions {
  /**
   * `redis://[user:password@]host:port[/db]`, `rediss://…` (TLS), `redis-cluster://[user:password@]h1:p1,h2:p2` or
   * `rediss-cluster://…`: of a cluster a few nodes are enough, the others are found.
   */
  readonly url: string
  /** As of `tls.connect`: a private authority, a client certificate. Used with the TLS forms of the URL only. */
  readonly tls?: RedisOptions['tls']
  /** After this a command rejects; whether the server did it is then unknown. */
  readonly commandTimeoutMs?: number
  /** Told of every loss of a connection; the connection comes back by itself. */
  readonly onError?: (error: Error) => void
}

export const COMMAND_TIMEOUT_MS = 2000
const RETRY_AT_MOST_MS = 1000

/** Opens nothing until the first command. Every command settles within its timeout, and no outage ends the connection. */
export function connectRedis(options: RedisConnectionOptions): RedisClient {
  const address = parseRedisUrl(options.url)
  const common = commonOptions(options, address)
  const client = address.isCluster
    ? new Cluster([...address.nodes], clusterOptions(common))
    : new Redis({ ...common, ...address.nodes[0], db: address.db, lazyConnect: true, retryStrategy })
  // Without a listener ioredis prints; with none at all a Cluster's error would end the process.
  client.on('error', (error: Error) => options.onError?.(error))
  return client
}

const retryStrategy = (times: number) => Math.min(50 * times, RETRY_AT_MOST_MS)

function commonOptions(options: RedisConnectionOptions, { username, password, isTls }: RedisAddress) {
  const commandTimeout = options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS
  return {
    commandTimeout,
    connectTimeout: commandTimeout,
    // A peer that went without a word: the commands have rejected by then, the socket has to go too.
    socketTimeout: 2 * commandTimeout,
    // A refused connection need not be waited out until the timeout.
    maxRetriesPerRequest: 3,
    // A master that became a replica: its name may by now lead to the new master.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(isTls && { tls: options.tls ?? {} }),
  } satisfies RedisOptions
}

function clusterOptions(common: ReturnType<typeof commonOptions>) {
  return {
    redisOptions: common,
    lazyConnect: true,
    clusterRetryStrategy: retryStrategy,
    clusterNodeRetryStrategy: retryStrategy,
    slotsRefreshTimeout: common.commandTimeout,
    // A name that the certificate bears must not become an address on the way.
    ...('tls' in common && { dnsLookup: (address, callback) => callback(null, address) }),
  } satisfies ClusterOptions
}

export interface RedisAddress {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly isCluster: boolean
  readonly isTls: boolean
  readonly username: string
  readonly password: string
  readonly db: number
}

const FORM = /^(redis|rediss)(-cluster)?:\/\/(?:([^:@/]*):([^@/]*)@)?([^/@]+)(?:\/(\d+))?\/?$/
const DEFAULT_PORT = 6379

/** Takes a URL of ours apart; throws, without the URL (it may hold a password), when it has another form. */
export function parseRedisUrl(url: string): RedisAddress {
  const [, scheme, cluster, username = '', password = '', hosts, db = '0'] = FORM.exec(url) ?? []
  if (hosts === undefined) throw new Error('A Redis URL is redis[s]://host:port[/db] or redis[s]-cluster://host:port,…')
  const isCluster = cluster !== undefined
  const nodes = hosts.split(',').map(node)
  if (nodes.length > 1 && !isCluster) throw new Error('Several hosts are a cluster: redis-cluster://host:port,…')
  return {
    nodes,
    isCluster,
    isTls: scheme === 'rediss',
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(db),
  }
}

function node(text: string): { host: string; port: number } {
  const [, host = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? []
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? DEFAULT_PORT) }
}
