import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { METRICS, type Metrics } from '#metrics'
import { CounterSource } from './widget/counter-source.js'
import { Snapshots } from './widget/snapshots.js'

/** Where the api's dependencies stand (contract section 6): ready when the registry is loaded, stale without the counters. */
@Injectable()
export class ApiService implements OnModuleInit {
  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(CounterSource) private readonly counters: CounterSource,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  /** The age is asked for when the metrics are read: a timer would show it late. */
  onModuleInit(): void {
    const gauge = this.metrics.snapshotAgeSeconds
    Object.assign(gauge, { collect: () => gauge.set(this.snapshots.oldestAgeSeconds()) })
  }

  get isReady(): boolean {
    return this.directory.loaded
  }

  /** What the last read of the counters came to. */
  get countersState(): 'up' | 'down' | 'starting' {
    return this.counters.state
  }
}
