import { Inject, Injectable, Logger } from '@nestjs/common'
import { lastClosedDay, lastDroppedDay } from '#domain'
import { DAY_SEALER, type DaySealer, EVENT_STORE, type EventStore } from '#ports'

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

  constructor(
    @Inject(DAY_SEALER) private readonly sealer: DaySealer,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'position'>,
  ) {}

  /** The store may have lost the seals of the partition. */
  forget(partition: number): void {
    this.done.delete(partition)
  }

  /**
   * Everything before the offset `next`, appended before `streamTimeMs`, was stored. Never rejects: what fails is tried again after a
   * minute. A store that stands before that by now was put back to an older copy: its days are sealed when it is filled again.
   */
  async reached(partition: number, next: number, streamTimeMs: number): Promise<void> {
    const closed = lastClosedDay(streamTimeMs)
    if (closed <= (this.done.get(partition) ?? Number.NEGATIVE_INFINITY) || performance.now() < this.retryAt) return
    try {
      if ((await this.store.position(partition)) < next) return
      await this.sealer.seal(partition, closed)
      await this.sealer.dropRaw(partition, lastDroppedDay(streamTimeMs))
      this.done.set(partition, closed)
    } catch (error) {
      this.retryAt = performance.now() + RETRY_MS
      this.logger.warn(`Days could not be sealed, trying again in a minute: ${String(error)}`)
    }
  }
}
