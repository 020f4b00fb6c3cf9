import { setImmediate as turnEnd } from 'node:timers/promises'

/** A write takes what waits, up to about this much; the rest goes with the next one. */
const WRITE_BYTES = 1024 * 1024

/** What goes to the disk together, and the one promise of all who wait for it. */
class Gathering<T> {
  readonly items: T[] = []
  bytes = 0
  readonly done: Promise<void>
  resolve!: () => void
  reject!: (error: unknown) => void

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

/**
 * One write in flight; while it is under way the next one gathers, so load makes its own batches and an idle disk answers at
 * once. All who are in one write get its outcome.
 */
export class GroupCommit<T extends { readonly bytes: Uint8Array }> {
  private waiting: Gathering<T>[] = []
  private writing: Promise<void> | undefined

  constructor(
    private readonly write: (items: readonly T[]) => Promise<void>,
    private readonly writeBytes = WRITE_BYTES,
  ) {}

  /** Resolves when the write that holds the items has; they stay together, in order. */
  add(items: readonly T[]): Promise<void> {
    const gathering = this.gathering()
    for (const item of items) {
      gathering.items.push(item)
      gathering.bytes += item.bytes.length
    }
    this.writing ??= this.writeAll()
    return gathering.done
  }

  /** Resolves when everything that was added before has been written or has failed. */
  async settled(): Promise<void> {
    await this.writing
  }

  private async writeAll(): Promise<void> {
    await turnEnd() // what else this turn of the loop reads from its sockets joins the first write
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.writeOne(next)
    this.writing = undefined
  }

  private async writeOne({ items, resolve, reject }: Gathering<T>): Promise<void> {
    try {
      await this.write(items)
      resolve()
    } catch (error) {
      reject(error)
    }
  }

  /** The one that is not full yet. */
  private gathering(): Gathering<T> {
    const last = this.waiting.at(-1)
    if (last !== undefined && last.bytes < this.writeBytes) return last
    const made = new Gathering<T>()
    this.waiting.push(made)
    return made
  }
}
