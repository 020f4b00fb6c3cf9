import { type BatchPlan, NO_TALLY, type Operations, type Records } from '#domain'
import type { CountersRebuild } from '#ports'
import { PartitionState } from './partition-state.js'

/** A state of one partition in memory, beside the present one. */
export class EmbeddedRebuild implements CountersRebuild {
  private readonly state = new PartitionState()

  constructor(private readonly install: (state: PartitionState) => Promise<void>) {}

  async load(plan: BatchPlan): Promise<Records> {
    return this.state.load(plan)
  }

  async apply(operations: Operations): Promise<void> {
    this.state.apply(operations, 0)
    this.state.expire()
  }

  async finish(next: number): Promise<void> {
    Object.assign(this.state, { next, base: next, tally: NO_TALLY })
    await this.install(this.state)
  }
}
