import { setTimeout as delay } from 'node:timers/promises'

const PROBE_EVERY_MS = 1000

/**
 * Whether a disk takes writes. After one that failed it is tried once a second: without traffic nothing else would ever tell
 * that it has room again, and without being ready there is no traffic.
 */
export class DiskWatch {
  private writable = true
  private closed = false
  private probing: Promise<unknown> = Promise.resolve()

  /** `probe` writes something small that nobody reads, and rejects when it could not. */
  constructor(private readonly probe: () => Promise<void>) {}

  get isWritable(): boolean {
    return this.writable && !this.closed
  }

  /** A write failed. */
  failed(): void {
    if (this.writable) void this.watch()
  }

  /** Probes no more; resolves when none is under way. */
  async close(): Promise<void> {
    this.closed = true
    await this.probing
  }

  private async watch(): Promise<void> {
    this.writable = false
    while (!this.writable) {
      await delay(PROBE_EVERY_MS, undefined, { ref: false })
      if (this.closed) return // a probe now would open the closed folder again
      this.probing = this.probe().then(
        () => (this.writable = true),
        () => undefined,
      )
      await this.probing
    }
  }
}
