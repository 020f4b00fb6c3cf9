import { Inject, Injectable } from '@nestjs/common'
import { isRolledBack } from '#domain'
import {
  CLOCK,
  type Clock,
  COUNTER_READER,
  type CounterQuery,
  type CounterReader,
  type CounterReading,
  type ViewsReading,
} from '#ports'
import { LastKnown } from './last-known.js'
import { RareLog } from './rare-log.js'

/** The counters as the widget may believe them: what is behind the last known numbers was lost and is no answer. */
@Injectable()
export class CounterSource implements CounterReader {
  private readonly log = new RareLog('Widget')
  private lastOutcome: 'up' | 'down' | 'starting' = 'starting'

  constructor(
    @Inject(COUNTER_READER) private readonly counters: CounterReader,
    @Inject(LastKnown) private readonly lastKnown: LastKnown,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the last read came to; `starting` before the first. */
  get state(): 'up' | 'down' | 'starting' {
    return this.lastOutcome
  }

  read(siteId: string, query: CounterQuery): Promise<CounterReading> {
    return this.believed(siteId, () => this.counters.read(siteId, query))
  }

  views(siteId: string, paths: readonly string[]): Promise<ViewsReading> {
    return this.believed(siteId, () => this.counters.views(siteId, paths))
  }

  private async believed<T extends { readonly asOfMs: number }>(siteId: string, read: () => Promise<T>): Promise<T> {
    try {
      const reading = await read()
      if (isRolledBack(this.lastKnown.snapshot(siteId), reading.asOfMs, this.clock.now())) {
        throw new Error('The counters are behind what they said before.')
      }
      this.lastOutcome = 'up'
      return reading
    } catch (error) {
      this.lastOutcome = 'down'
      this.log.warn('The counters cannot be read, the last known numbers are shown', error)
      throw error
    }
  }
}
