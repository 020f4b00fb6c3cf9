import { Inject, Injectable, Logger } from '@nestjs/common'
import {
  type AppendedEvent,
  BatchPlan,
  REBUILD_TAIL_MS,
  type RebuildCut,
  rebuildCut,
  reduce,
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
      for await (const events of this.source.events(partition, cut.rememberedAfter, cut.next)) {
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
    const tailMs = this.clock.now() - REBUILD_TAIL_MS
    const [position, sealedThrough, tail] = await Promise.all([
      this.store.position(partition),
      this.sealer.sealedThrough(partition),
      this.source.tail(partition, first, tailMs),
    ])
    return rebuildCut({ first, position, sealedThrough, tail, tailMs })
  }

  private async seed(rebuild: CountersRebuild, partition: number, { sealedThrough }: RebuildCut): Promise<void> {
    await rebuild.apply(seedOperations(await this.source.sealedDays(partition, sealedThrough), []))
    for await (const views of this.source.sealedViews(partition, sealedThrough)) {
      await rebuild.apply(seedOperations([], views))
    }
  }
}

/** Events of sealed days are counted already, so only their ids are remembered; later ones go through the reducer. */
async function replay(
  rebuild: CountersRebuild,
  events: readonly AppendedEvent[],
  sealedThrough: number,
): Promise<void> {
  const firsts = firstCopies(events)
  const counted = new BatchPlan(firsts.filter(({ event }) => event.day <= sealedThrough))
  await rebuild.apply(rememberOperations(counted, await rebuild.load(counted)))
  const open = new BatchPlan(firsts.filter(({ event }) => event.day > sealedThrough))
  await rebuild.apply(reduce(open, await rebuild.load(open)))
}

/** Copies of one id may lie in a sealed day and in an open one; the first in the log is the one that counts. */
function firstCopies(events: readonly AppendedEvent[]): AppendedEvent[] {
  const seen = new Set<string>()
  return events.filter(({ event }) => {
    const key = `${event.site} ${Buffer.from(event.id).toString('latin1')}`
    const isFirst = !seen.has(key)
    seen.add(key)
    return isFirst
  })
}
