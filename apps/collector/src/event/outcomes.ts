import { Inject, Injectable } from '@nestjs/common'
import type { ProblemCode } from '#domain'
import { METRICS, type Metrics } from '#metrics'
import type { DropReason } from './verdict.js'

export type Outcome = 'kept' | DropReason | ProblemCode

/**
 * `beacons_total{outcome}` (contract section 6): one outcome for every item that was read, and one for a request that
 * was refused before its items were known.
 */
@Injectable()
export class Outcomes {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  count(outcome: Outcome, items = 1): void {
    if (items > 0) this.metrics.beacons.inc(outcome, items)
  }
}
