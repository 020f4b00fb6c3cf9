import { createHash } from 'node:crypto'

/** What one start of the engine is given. */
export interface EngineConfig {
  /** Absolute folder of the tables. */
  readonly tablesDir: string
  /** Absolute path of the users file. */
  readonly usersFile: string
  readonly httpPort: number
  readonly username: string
  readonly password: string
  readonly database: string
  readonly memoryBytes: number
}

type Xml = string | number | Xml[] | { readonly [element: string]: Xml }

/** The value of the one Authorization header that the engine listens to. */
export const authorization = ({ username, password }: Pick<EngineConfig, 'username' | 'password'>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/**
 * The server's configuration. HTTP on loopback is the only door, and it has one handler, which demands our
 * Authorization header: every other request is 404. That is what protects the `default` user, whom the engine's own
 * session needs without a password. There is no log: it would quote queries and, on a parse error, values.
 */
export function serverXml(config: EngineConfig): string {
  return document({
    path: `${config.tablesDir}/`,
    users_config: config.usersFile,
    listen_host: '127.0.0.1',
    http_port: config.httpPort,
    http_handlers: {
      rule: {
        headers: { Authorization: authorization(config) },
        handler: { type: 'dynamic_query_handler', query_param_name: 'query' },
      },
    },
    keep_alive_timeout: 30,
    shutdown_wait_unfinished: 0,
    send_crash_reports: { enabled: 0 },
    // Empty on purpose: no host at all may be read from.
    remote_url_allow_hosts: '',
    ...limits(config.memoryBytes),
  })
}

function limits(memoryBytes: number): Record<string, Xml> {
  return {
    max_server_memory_usage: memoryBytes,
    mark_cache_size: 32 << 20,
    index_mark_cache_size: 8 << 20,
    primary_index_cache_size: 32 << 20,
    compiled_expression_cache_size: 8 << 20,
    mmap_cache_size: 100,
    max_concurrent_queries: 100,
    max_thread_pool_size: 500,
    background_pool_size: 2,
    background_merges_mutations_concurrency_ratio: 2,
    background_common_pool_size: 2,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_schedule_pool_size: 4,
    background_buffer_flush_schedule_pool_size: 1,
    background_message_broker_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    // The defaults of these three exceed the small pool above and would stop mutations for good.
    merge_tree: {
      number_of_free_entries_in_pool_to_execute_mutation: 1,
      number_of_free_entries_in_pool_to_lower_max_size_of_merge: 1,
      number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 1,
    },
  }
}

/**
 * The users: ours, who may use its own database and nothing outside (no file(), url() or foreign table engine), and
 * `default`, who may do what the boot statements need.
 */
export function usersXml(config: EngineConfig): string {
  const common = { networks: { ip: '127.0.0.1' }, profile: 'default', quota: 'default' }
  return document({
    profiles: { default: profile(config.memoryBytes) },
    quotas: { default: '' },
    users: {
      default: {
        password: '',
        ...common,
        grants: { query: ['GRANT SYSTEM LISTEN ON *.*', 'GRANT CREATE TEMPORARY TABLE, FILE ON *.*'] },
      },
      [config.username]: {
        password_sha256_hex: createHash('sha256').update(config.password).digest('hex'),
        ...common,
        grants: { query: ownerGrants(config.database) },
      },
    },
  })
}

const ownerGrants = (database: string): string[] => [
  `GRANT SHOW, SELECT, INSERT, ALTER, CREATE, DROP, TRUNCATE, OPTIMIZE ON ${database}.*`,
  'GRANT SELECT ON system.*',
  ...['Atomic', 'MergeTree', 'ReplacingMergeTree', 'View'].map((engine) => `GRANT TABLE ENGINE ON ${engine}`),
]

const profile = (memoryBytes: number): Record<string, Xml> => ({
  max_threads: 2,
  max_memory_usage: Math.floor(memoryBytes * 0.7),
  max_bytes_before_external_sort: Math.floor(memoryBytes * 0.3),
  max_bytes_before_external_group_by: Math.floor(memoryBytes * 0.3),
  log_queries: 0,
})

const document = (root: Record<string, Xml>): string => `<clickhouse>${xml(root)}</clickhouse>\n`

function xml(value: Xml): string {
  if (typeof value !== 'object') return String(value).replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`)
  return Object.entries(value)
    .flatMap(([name, inner]) =>
      (Array.isArray(inner) ? inner : [inner]).map((item) => `<${name}>${xml(item)}</${name}>`),
    )
    .join('\n')
}
