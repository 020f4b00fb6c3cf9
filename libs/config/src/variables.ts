import { isIP } from 'node:net'
import { z } from 'zod'

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)

/** Addresses and CIDRs, apart by commas or spaces. */
const networks = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .refine((parts) => parts.every(isNetwork), 'must be IP addresses or CIDRs, apart by commas')

function isNetwork(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** Texts apart by commas or spaces, at least one. */
const list = (each: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .pipe(z.array(each).min(1, 'must name at least one'))

const BROKER = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/
const TOPIC_PREFIX = /^[a-zA-Z0-9._-]{1,100}$/

const url = (schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol),
      `must be a URL that begins with ${schemes.join(' or ')}`,
    )

/** The log of a cluster. */
const KAFKA = {
  KAFKA_BROKERS: list(z.string().regex(BROKER, 'must be host:port, several apart by commas')),
  KAFKA_TOPIC_PREFIX: z.string().regex(TOPIC_PREFIX, 'must be 1 to 100 of A-Z a-z 0-9 . _ -').default('truycap'),
  KAFKA_REPLICATION_FACTOR: z.coerce.number().int().min(1).max(100).default(3),
  KAFKA_SSL: z.stringbool().default(false),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional(),
}

/** The counters of a cluster; several addresses are the nodes of a Redis Cluster. */
const REDIS = {
  REDIS_URL: list(url(['redis:', 'rediss:'])).refine(
    (urls) => new Set(urls.map(loginOf)).size === 1,
    'several are the nodes of one cluster: they have the same scheme, name and password',
  ),
}

function loginOf(text: string): string {
  if (!URL.canParse(text)) return ''
  const { protocol, username, password } = new URL(text)
  return JSON.stringify([protocol, username, password])
}

/** The store, the registry and the salts of a cluster. */
const CLICKHOUSE = {
  CLICKHOUSE_URL: url(['http:', 'https:']),
  CLICKHOUSE_USER: z.string().min(1).default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^\w{1,100}$/, 'must be 1 to 100 of A-Z a-z 0-9 _')
    .default('truycap'),
}

/** Every environment variable that a process of ours reads (the table of the README). */
export const VARIABLES = {
  TRUYCAP_DATA_DIR: z.string().min(1).default('./data'),
  TRUYCAP_ADMIN_KEY: z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]{16,256}$/, 'must be 16 to 256 characters of A-Z a-z 0-9 . _ ~ + / = -')
    .optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  TRUST_PROXY: networks,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  RATE_PER_SECOND: z.coerce.number().min(0).default(200),
  RATE_BURST: z.coerce.number().min(0).default(2000),
  SPOOL_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .default(1024 ** 3),
  ...KAFKA,
  ...REDIS,
  ...CLICKHOUSE,
}

const { TRUYCAP_DATA_DIR, TRUYCAP_ADMIN_KEY, HOST, TRUST_PROXY, LOG_LEVEL, RATE_PER_SECOND, RATE_BURST } = VARIABLES

/** What the one process of the embedded mode reads. */
export const standaloneConfig = z.object({
  TRUYCAP_DATA_DIR,
  TRUYCAP_ADMIN_KEY,
  HOST,
  PORT: port(8080),
  OPS_PORT: port(9464),
  TRUST_PROXY,
  LOG_LEVEL,
  RATE_PER_SECOND,
  RATE_BURST,
})
export type StandaloneConfig = z.output<typeof standaloneConfig>

/** Both or neither of name and password, with the mechanism. */
function isWholeLogin(login: {
  KAFKA_SASL_MECHANISM?: string | undefined
  KAFKA_SASL_USERNAME?: string | undefined
  KAFKA_SASL_PASSWORD?: string | undefined
}): boolean {
  const given = [login.KAFKA_SASL_MECHANISM, login.KAFKA_SASL_USERNAME, login.KAFKA_SASL_PASSWORD]
  return given.every((value) => value === undefined) || given.every((value) => value !== undefined)
}

const WHOLE_LOGIN = { path: ['KAFKA_SASL_MECHANISM'], message: 'goes with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD' }

/** What a collector of a cluster reads. */
export const collectorConfig = z
  .object({
    TRUYCAP_DATA_DIR,
    TRUYCAP_ADMIN_KEY,
    HOST,
    PORT: port(8081),
    OPS_PORT: port(9465),
    TRUST_PROXY,
    LOG_LEVEL,
    RATE_PER_SECOND,
    RATE_BURST,
    SPOOL_MAX_BYTES: VARIABLES.SPOOL_MAX_BYTES,
    ...KAFKA,
    ...CLICKHOUSE,
  })
  .refine(isWholeLogin, WHOLE_LOGIN)
export type CollectorConfig = z.output<typeof collectorConfig>

/** What an aggregator of a cluster reads. It keeps nothing on a disk of its own. */
export const aggregatorConfig = z
  .object({ HOST, OPS_PORT: port(9466), LOG_LEVEL, ...KAFKA, ...REDIS, ...CLICKHOUSE })
  .refine(isWholeLogin, WHOLE_LOGIN)
export type AggregatorConfig = z.output<typeof aggregatorConfig>

/** What an api of a cluster reads. All of them must have the same admin key, so none makes one up. */
export const apiConfig = z
  .object({
    TRUYCAP_DATA_DIR,
    TRUYCAP_ADMIN_KEY: TRUYCAP_ADMIN_KEY.unwrap(),
    HOST,
    PORT: port(8082),
    OPS_PORT: port(9467),
    LOG_LEVEL,
    ...KAFKA,
    ...REDIS,
    ...CLICKHOUSE,
  })
  .refine(isWholeLogin, WHOLE_LOGIN)
export type ApiConfig = z.output<typeof apiConfig>

/** What `npm run reconcile` reads: the prefix is in the keys of the counters. */
export const reconcileConfig = z.object({ KAFKA_TOPIC_PREFIX: KAFKA.KAFKA_TOPIC_PREFIX, ...REDIS, ...CLICKHOUSE })
export type ReconcileConfig = z.output<typeof reconcileConfig>

/** What `npm run migrate` reads. */
export const migrateConfig = z
  .object({ LOG_LEVEL, ...KAFKA, ...REDIS, ...CLICKHOUSE })
  .refine(isWholeLogin, WHOLE_LOGIN)
export type MigrateConfig = z.output<typeof migrateConfig>
