import type { Admin, ClusterOptions, Dice, LaunchOptions, Standalone } from '../harness/index.js'
import { Cluster, createSite, dice, launch, pause, seedOfRun, startStandalone } from '../harness/index.js'
import type { Crowd } from './crowd.js'
import { crowdOf } from './crowd.js'
import type { Expectation } from './expectation.js'
import { expectationsOf, numbersIn } from './expectation.js'
import type { FlowOptions } from './traffic.js'
import { Traffic } from './traffic.js'

/** All from one address, which may claim to be another: else the rate limit would be what is tested. */
const ENV = { TRUST_PROXY: '127.0.0.1', RATE_PER_SECOND: '0' }

const optionsFor = (dataDir: string | undefined): LaunchOptions => ({
  env: ENV,
  ...(dataDir !== undefined && { dataDir }),
})

/** One crowd that goes on sending, whatever happens to the processes that it sends to. */
export class Stage {
  readonly seed = seedOfRun()
  readonly random: Dice = dice(this.seed)
  readonly traffic: Traffic
  private readonly crowd: Crowd = crowdOf(this.random)

  constructor() {
    this.traffic = new Traffic(this.random, () => this.crowd.nextShipment())
  }

  start(dataDir?: string): Promise<Standalone> {
    return startStandalone(optionsFor(dataDir))
  }

  /** As `start`, and nothing is waited for. */
  launch(dataDir: string): ReturnType<typeof launch> {
    return launch(optionsFor(dataDir))
  }

  startCluster(options: ClusterOptions = {}): Promise<Cluster> {
    return Cluster.start({ ...options, env: { ...ENV, ...options.env } })
  }

  async makeSites(product: Admin): Promise<void> {
    for (const site of this.crowd.newSites) await createSite(product, site)
  }

  /** Another crowd on the same sites, of whose beacons this one knows nothing. */
  strangers(): Traffic {
    return new Traffic(this.random, () => this.crowd.nextShipment())
  }

  async load({ url }: Pick<Admin, 'url'>, ms: number, options: FlowOptions): Promise<void> {
    const flow = this.traffic.start(url, options)
    await pause(ms)
    await flow.stop()
  }

  /** What must be shown and stored by now; everything must be settled. */
  expectations(): Expectation[] {
    return expectationsOf(this.crowd.sites, this.traffic.settled)
  }

  /** Prints what a test has come to when nothing differed. */
  print(expectations: readonly Expectation[], more: object = {}): void {
    const { requests, ...counts } = this.traffic.counts
    const figures = { seed: this.seed, ...more, ...counts, requests: Object.fromEntries(requests) }
    console.log(JSON.stringify({ ...figures, numbers: numbersIn(expectations), difference: 0 }))
  }
}
