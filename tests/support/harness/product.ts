import { inject } from 'vitest'
import type { ClusterOptions, ServerAddresses } from './cluster.js'
import { Cluster } from './cluster.js'
import { SHARED_ENVIRONMENT } from './shared-environment.js'
import type { Admin, Standalone } from './standalone.js'
import { startStandalone } from './standalone.js'

declare module 'vitest' {
  interface ProvidedContext {
    sharedServers: ServerAddresses
    sharedProduct: Admin
  }
}

export interface ProductOptions {
  /** Over the harness's own; in a cluster each service takes what is its own. */
  readonly env?: Readonly<Record<string, string>>
  /** The data folder of what serves the scripts and the widget, made beforehand. */
  readonly apiFolder?: string
}

/** The product as the black-box tests of both modes see it: one origin and the key that may do all. */
export type Product = Readonly<Admin>

export interface CrashableProduct extends Product {
  /** kill -9 to all of its processes at once, then a start on what they left; `url` may be another afterwards. */
  crash(): Promise<void>
}

const inCluster = process.env['TRUYCAP_TEST_MODE'] === 'cluster'

/**
 * Starts the product in the mode of the running vitest project: the three services of a cluster behind one origin, or
 * standalone. A test that uses nothing else is run in both and must see the same answers. Files share one product unless
 * they want something special, so the ids of sites in them differ.
 */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  if (isAsShared(options)) return inject('sharedProduct')
  return inCluster ? startOnSharedServers(options) : startAlone(options)
}

/** The same, of one that nobody shares. */
export function startCrashable(): Promise<CrashableProduct> {
  return inCluster ? startOnSharedServers() : startAlone({})
}

const isAsShared = ({ env = {}, apiFolder }: ProductOptions): boolean =>
  apiFolder === undefined && Object.entries(env).every(([name, value]) => SHARED_ENVIRONMENT[name] === value)

class AloneProduct implements CrashableProduct {
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

async function startAlone({ env, apiFolder }: ProductOptions): Promise<CrashableProduct> {
  const running = await startStandalone({ ...(env && { env }), ...(apiFolder !== undefined && { dataDir: apiFolder }) })
  return new AloneProduct(running, env)
}

/** A cluster of its own on the servers that all files of the vitest project share. */
export function startOnSharedServers(options: Omit<ClusterOptions, 'servers'> = {}): Promise<Cluster<ServerAddresses>> {
  return Cluster.start({ ...options, servers: inject('sharedServers') })
}
