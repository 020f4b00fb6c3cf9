import { Inject, Injectable, Logger } from '@nestjs/common'
import {
  type AppendedEvent,
  BatchPlan,
  REBUILD_TAIL_MS,
  type RebuildCut,
  rebuildCut,
  reduce,
  REMEMBERED_DAYS,
  rememberOperations,
  seedOperations,
} from '#domain'
import {
  CLOCK,
  type Clock,
  COUNTERS,
  type Counters,
  type CountersRebuild,
  DAY_SEALER,
  type DaySealer,
  EVENT_STORE,
  type EventStore,
  type LogExtent,
  REBUILD_SOURCE,
  type RebuildSource,
} from '#ports'

/**
 * Makes the counters of one partition anew from the store: sealed days as they are, the raw events of later days through
 * the same reducer, and from there on the log. Meanwhile readers are shown the last known numbers.
 */
@Injectable()
export class CountersRebuilder {
  private readonly logger = new Logger('rebuild')

  constructor(
    @Inject(COUNTERS) private readonly counters: Counters,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(DAY_SEALER) private readonly sealer: DaySealer,
    @Inject(REBUILD_SOURCE) private readonly source: RebuildSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the store holds of a partition; null while it is away. */
  async stored(partition: number): Promise<number | null> {
    return this.store.position(partition).catch(() => null)
  }

  /**
   * Resolves to where the log goes on. Rejects while the store is away, and when the subscription closes; then nothing has
   * changed. The store must stand within the log.
   */
  async rebuild(partition: number, extent: LogExtent): Promise<number> {
    try {
      const cut = await this.cut(partition, extent)
      this.logger.log(`Making the counters anew from the store, up to offset ${cut.next}`)
      const rebuild = await this.counters.rebuild(partition)
      await this.seed(rebuild, partition, cut)
      for await (const events of this.source.events(partition, cut.sealedThrough - REMEMBERED_DAYS, cut.next)) {
        extent.signal.throwIfAborted()
        await replay(rebuild, events, cut.sealedThrough)
      }
      await rebuild.finish(cut.next)
      this.logger.log(`The counters are made anew up to offset ${cut.next}, the log gives the rest`)
      return cut.next
    } catch (error) {
      if (!extent.signal.aborted) this.logger.warn(`The counters cannot be made anew yet: ${String(error)}`)
      throw error
    }
  }

  private async cut(partition: number, { first }: LogExtent): Promise<RebuildCut> {
    const [position, sealedThrough, recent] = await Promise.all([
      this.store.position(partition),
      this.sealer.sealedThrough(partition),
      this.source.firstSince(partition, this.clock.now() - REBUILD_TAIL_MS),
    ])
    return rebuildCut({ position, sealedThrough, recent, first })
  }

  private async seed(rebuild: CountersRebuild, partition: number, { sealedThrough }: RebuildCut): Promise<void> {
    await rebuild.apply(seedOperations(await this.source.sealedDays(partition, sealedThrough), []))
    for await (const views of this.source.sealedViews(partition, sealedThrough)) {
      await rebuild.apply(seedOperations([], views))
    }
  }
}

async function replay(
  rebuild: CountersRebuild,
  events: readonly AppendedEvent[],
  sealedThrough: number,
): Promise<void> {
  const counted = new BatchPlan(events.filter(({ event }) => event.day <= sealedThrough))
  await rebuild.apply(rememberOperations(counted, await rebuild.load(counted)))
  const open = new BatchPlan(events.filter(({ event }) => event.day > sealedThrough))
  await rebuild.apply(reduce(open, await rebuild.load(open)))
}
