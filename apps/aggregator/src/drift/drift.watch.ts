import { setTimeout as wait } from 'node:timers/promises'
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { METRICS, type Metrics } from '#metrics'
import { DRIFT_KINDS, type DriftSizes, driftSizes, type PartitionReport, Reconciler } from '#reconcile'
import { AggregatorService } from '../aggregator.service.js'

const FIRST_AFTER_MS = 2000
/** All partitions of this process once; the first time at once, so that what a start brought shows soon. */
const ROUND_MS = 300_000
const FIRST_ROUND_EVERY_MS = 250
/** While no partition is assigned. */
const IDLE_MS = 1000
const MOST_LINES = 10

/**
 * Compares counters and store by itself, one partition of this process a turn, all within a few minutes. The gauge is the
 * largest drift that the last look at each partition found.
 */
@Injectable()
export class DriftWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('drift')
  private readonly ending = new AbortController()
  private readonly latest = new Map<number, DriftSizes>()

  constructor(
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(AggregatorService) private readonly aggregator: AggregatorService,
  ) {}

  onApplicationBootstrap(): void {
    void this.rounds().catch((error: unknown) => {
      if (!this.ending.signal.aborted) this.logger.error(`Drift is looked for no more: ${String(error)}`)
    })
  }

  /** The turn at hand only reads, so nobody waits for it: what it asks fails with its adapters. */
  onModuleDestroy(): void {
    this.ending.abort()
  }

  private async rounds(): Promise<void> {
    await this.pause(FIRST_AFTER_MS)
    for (let everyMs = FIRST_ROUND_EVERY_MS; ;) {
      const partitions = this.assigned()
      for (const partition of partitions) {
        if (this.assigned().includes(partition)) await this.look(partition)
        await this.pause(everyMs)
      }
      if (partitions.length === 0) await this.pause(IDLE_MS)
      else everyMs = Math.ceil(ROUND_MS / partitions.length)
    }
  }

  private async look(partition: number): Promise<void> {
    try {
      const report = await this.reconciler.check(partition, this.ending.signal)
      this.report(report)
      this.latest.set(partition, driftSizes(report))
      this.show()
    } catch (error) {
      if (this.ending.signal.aborted) throw error
      this.logger.warn(`Partition ${partition} could not be compared with the store: ${String(error)}`)
    }
  }

  private report({ partition, drifts, unaccounted }: PartitionReport): void {
    for (const { site, period, of, unit, counted, stored } of drifts.slice(0, MOST_LINES)) {
      const where = `partition ${partition}, period ${period}, site ${site}, ${of}`
      this.logger.error(`The counters drift: ${where}: ${unit} ${counted}, the store says ${stored}`)
    }
    if (unaccounted !== 0)
      this.logger.error(`The counters drift: partition ${partition}: ${unaccounted} records without an outcome`)
    const more = drifts.length - MOST_LINES
    if (more > 0) this.logger.error(`The counters drift: partition ${partition}, ${more} more`)
  }

  /** What another process has now is for that one to show. */
  private show(): void {
    const assigned = new Set(this.assigned())
    for (const partition of this.latest.keys()) if (!assigned.has(partition)) this.latest.delete(partition)
    for (const period of DRIFT_KINDS) {
      const largest = Math.max(0, ...[...this.latest.values()].map((drift) => drift[period]))
      this.metrics.counterDrift.set({ period }, largest)
    }
  }

  private assigned(): readonly number[] {
    return this.aggregator.partitions('counters')
  }

  private pause(ms: number): Promise<void> {
    return wait(ms, undefined, { signal: this.ending.signal, ref: false })
  }
}
