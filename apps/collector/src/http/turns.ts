/** How long a turn waits for the answers of the one before, at most: what hangs must not keep the others waiting for it. */
const LONGEST_MS = 5
/** So many are worth a turn of their own: more in a row cost no less each, and would leave the processor idle until then. */
const ENOUGH = 32

/**
 * Handles what comes in turns: at once when nothing is under way, else all together what gathered while the answers of the turn
 * before were waited for. That costs little time, since the log takes one flush at a time; and one kind of work done many times
 * in a row finds its code and data in the caches of the processor (docs/adr/0013).
 */
export class Turns<T> {
  private waiting: T[] = []
  /** Answers that are waited for. */
  private open = 0
  private timer: NodeJS.Timeout | undefined

  /** `handle` never throws; it gives a promise while it waits for an answer, however that ends, else nothing. */
  constructor(private readonly handle: (item: T) => Promise<void> | undefined) {}

  /** What came together. */
  add(items: readonly T[]): void {
    for (const item of items) this.waiting.push(item)
    if (this.waiting.length === 0) return
    if (this.open === 0 || this.waiting.length >= ENOUGH) this.turn()
    else this.timer ??= setTimeout(this.turn, LONGEST_MS)
  }

  private readonly turn = (): void => {
    clearTimeout(this.timer)
    this.timer = undefined
    const items = this.waiting
    this.waiting = []
    for (const item of items) {
      const answered = this.handle(item)
      if (answered === undefined) continue
      this.open++
      void answered.then(this.answered, this.answered)
    }
  }

  private readonly answered = (): void => {
    this.open--
    if (this.open === 0 && this.waiting.length > 0) setImmediate(this.turn)
  }
}
