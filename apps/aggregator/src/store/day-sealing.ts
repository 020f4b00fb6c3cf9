import { Inject, Injectable, Logger } from '@nestjs/common'
import { lastClosedDay, lastDroppedDay } from '#domain'
import { DAY_SEALER, type DaySealer } from '#ports'

const RETRY_MS = 60_000

/**
 * Seals days and lets raw events go, by stream time: the clock of a machine alone closes nothing. It runs within the store
 * group's own turn, so everything up to that stream time is stored and nothing is being inserted meanwhile.
 */
@Injectable()
export class DaySealing {
  private readonly logger = new Logger('sealing')
  /** By partition, the last closed day that was dealt with. */
  private readonly done = new Map<number, number>()
  private retryAt = Number.NEGATIVE_INFINITY

  constructor(@Inject(DAY_SEALER) private readonly sealer: DaySealer) {}

  /** The store may have lost the seals of the partition. */
  forget(partition: number): void {
    this.done.delete(partition)
  }

  /** Everything appended before `streamTimeMs` is stored. Never rejects: what fails is tried again after a minute. */
  async reached(partition: number, streamTimeMs: number): Promise<void> {
    const closed = lastClosedDay(streamTimeMs)
    if (closed <= (this.done.get(partition) ?? Number.NEGATIVE_INFINITY) || performance.now() < this.retryAt) return
    try {
      await this.sealer.seal(partition, closed)
      await this.sealer.dropRaw(partition, lastDroppedDay(streamTimeMs))
      this.done.set(partition, closed)
    } catch (error) {
      this.retryAt = performance.now() + RETRY_MS
      this.logger.warn(`Days could not be sealed, trying again in a minute: ${String(error)}`)
    }
  }
}
