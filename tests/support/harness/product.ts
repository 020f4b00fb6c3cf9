import { inject } from 'vitest'
import { startRedis } from '../servers/redis.js'
import type { ServerAddresses } from './cluster.js'
import { Cluster } from './cluster.js'
import { createSite } from './sites.js'
import type { Admin, Standalone } from './standalone.js'
import { startStandalone } from './standalone.js'

declare module 'vitest' {
  interface ProvidedContext {
    sharedServers: Omit<ServerAddresses, 'redis'>
  }
}

export interface ProductOptions {
  /** Over the harness's own; in a cluster each service takes what is its own. */
  readonly env?: Readonly<Record<string, string>>
  /** The data folder of what serves the scripts and the widget, made beforehand. */
  readonly apiFolder?: string
}

/** The product as the black-box tests of both modes see it: one origin and the key that may do all. */
export interface Product extends Admin {
  /** kill -9 to all of its processes at once, then a start on what they left; `url` may be another afterwards. */
  crash(): Promise<void>
}

/**
 * Starts the product in the mode of the running vitest project: the three services of a cluster behind one origin, or
 * standalone. A test that uses nothing else is run in both and must see the same answers.
 */
export function startProduct(options: ProductOptions = {}): Promise<Product> {
  return process.env['TRUYCAP_TEST_MODE'] === 'cluster' ? startCluster(options) : startAlone(options)
}

class AloneProduct implements Product {
  constructor(
    private running: Standalone,
    private readonly env: ProductOptions['env'],
  ) {}

  get url(): string {
    return this.running.url
  }

  get adminKey(): string {
    return this.running.adminKey
  }

  async crash(): Promise<void> {
    await this.running.killTree()
    this.running = await startStandalone({ dataDir: this.running.dataDir, ...(this.env && { env: this.env }) })
  }
}

async function startAlone({ env, apiFolder }: ProductOptions): Promise<Product> {
  const running = await startStandalone({ ...(env && { env }), ...(apiFolder !== undefined && { dataDir: apiFolder }) })
  return new AloneProduct(running, env)
}

/**
 * On the Kafka and ClickHouse that all files of the project share, with topics and a database of its own; a Redis holds
 * one installation, so it is its own. Standalone makes the site `demo` by itself at its first start.
 */
async function startCluster(options: ProductOptions): Promise<Product> {
  const servers = { ...inject('sharedServers'), redis: await startRedis() }
  const cluster = await Cluster.start({ ...options, servers })
  await createSite(cluster, { id: 'demo', bots: 'count' })
  return cluster
}
