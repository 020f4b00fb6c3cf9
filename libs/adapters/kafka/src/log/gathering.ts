import type { PlacedMessage } from './checked-producer.js'

const FLUSH_MESSAGES = 500
const FLUSH_BYTES = 256 * 1024

/** What goes to Kafka together, and the one promise of all who wait for it, which rejects when it is not kept in time. */
export class Gathering {
  messages: PlacedMessage[] = []
  readonly done: Promise<void>
  private bytes = 0
  private settled = false
  private resolve!: () => void
  private reject!: (error: unknown) => void
  private readonly deadline: NodeJS.Timeout

  constructor(deadlineMs: number, onLate: () => void) {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.deadline = setTimeout(onLate, deadlineMs)
  }

  get isFull(): boolean {
    return this.messages.length >= FLUSH_MESSAGES || this.bytes >= FLUSH_BYTES
  }

  get isSettled(): boolean {
    return this.settled
  }

  add(message: PlacedMessage): void {
    this.messages.push(message)
    this.bytes += message.value.length
  }

  /** Takes out what landed; the rest keeps its order. */
  landed(partitions: ReadonlySet<number>): void {
    this.messages = this.messages.filter(({ partition }) => !partitions.has(partition))
  }

  succeed(): void {
    this.settled = true
    clearTimeout(this.deadline)
    this.resolve()
  }

  fail(error: unknown): void {
    this.settled = true
    clearTimeout(this.deadline)
    this.reject(error)
  }
}
