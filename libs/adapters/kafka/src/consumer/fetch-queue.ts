import type { LogRecord } from '#ports'

/** A partition that has so much waiting is fetched no further until there is room. */
const FULL_BYTES = 1024 * 1024

/** Records of one partition that were fetched and not yet handed out. */
export class FetchQueue {
  private records: LogRecord[] = []
  private bytes = 0

  get isEmpty(): boolean {
    return this.records.length === 0
  }

  get isFull(): boolean {
    return this.bytes >= FULL_BYTES
  }

  add(record: LogRecord): void {
    this.records.push(record)
    this.bytes += record.bytes.length
  }

  take(limit: number): LogRecord[] {
    const taken = this.records.slice(0, limit)
    this.records = this.records.slice(limit)
    for (const { bytes } of taken) this.bytes -= bytes.length
    return taken
  }

  clear(): void {
    this.records = []
    this.bytes = 0
  }
}
