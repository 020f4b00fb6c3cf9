import type { WidgetNumbers } from '../harness/index.js'
import { pause, widget } from '../harness/index.js'

const LOOK_EVERY_MS = 50

/**
 * Looks at one number of a widget all the time. It must always be answered and may never fall, however stale, unless those
 * who answer were disturbed themselves.
 */
export class WidgetWatch {
  readonly faults: string[] = []
  readonly counts = { looks: 0, stale: 0, excused: 0 }
  private highest = 0
  private excuses = 0
  private excused = false
  private readonly over = new AbortController()
  private readonly done: Promise<void>

  constructor(
    private readonly url: string,
    private readonly siteId: string,
  ) {
    this.done = this.run()
  }

  /** What is seen during `work` is let pass. */
  async excuse(work: () => Promise<void>): Promise<void> {
    this.excuses++
    this.excused = true
    await work().finally(() => (this.excused = false))
  }

  /** What was known may be known no more: who comes back has the numbers of 2 s ago, and the counters may have been lost too. */
  forget(): void {
    this.highest = 0
  }

  async stop(): Promise<void> {
    this.over.abort()
    await this.done
  }

  private async run(): Promise<void> {
    while (!this.over.signal.aborted) {
      await this.look()
      await pause(LOOK_EVERY_MS)
    }
  }

  private async look(): Promise<void> {
    const { excused, excuses } = this
    const seen = await widget(this.url, this.siteId).catch((error: unknown) => String(error))
    const isExcused = excused || excuses !== this.excuses
    this.counts.looks++
    if (isExcused) this.counts.excused++
    else if (typeof seen === 'string') this.faults.push(`${new Date().toISOString()} ${seen}`)
    else this.note(seen)
  }

  private note({ total, stale, asOf }: WidgetNumbers): void {
    if (stale) this.counts.stale++
    if (total < this.highest) this.faults.push(`${asOf} fell from ${this.highest} to ${total} (stale: ${stale})`)
    this.highest = Math.max(this.highest, total)
  }
}
