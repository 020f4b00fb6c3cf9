import { DiskWatch, DurableLevel, GroupCommit } from '#disk'
import { partitionOf } from '#domain'
import { type Clock, type EventLog, type LogEntry, type LogRecord, LogUnavailableError } from '#ports'
import { PartitionLog } from './partition-log.js'

/** Outside of every partition's keys. */
const PROBE_KEY = 'probe'

/**
 * The log in a LevelDB folder: one flush in flight, one synced value per partition and flush. While a flush is under way
 * the next one gathers, so load makes its own batches and an idle log answers at once.
 */
export class EmbeddedLog implements EventLog {
  private readonly commits = new GroupCommit<LogEntry>((entries) => this.flush(entries))
  private readonly disk = new DiskWatch(() => this.write([{ type: 'put', key: PROBE_KEY, value: new Uint8Array(1) }]))
  private closed = false

  private constructor(
    private readonly db: DurableLevel,
    private readonly logs: readonly PartitionLog[],
    private readonly clock: Clock,
  ) {}

  static async open(folder: string, partitions: number, clock: Clock): Promise<EmbeddedLog> {
    const db = await DurableLevel.open(folder)
    const logs = Array.from({ length: partitions }, (_, partition) => new PartitionLog(db, partition))
    for (const log of logs) await log.open()
    return new EmbeddedLog(db, logs, clock)
  }

  get partitions(): number {
    return this.logs.length
  }

  /** Whether the last flush reached the disk, and the log is open. */
  get isWritable(): boolean {
    return this.disk.isWritable && !this.closed
  }

  append(entries: readonly LogEntry[]): Promise<void> {
    if (this.closed) return Promise.reject(new LogUnavailableError('closed'))
    if (entries.length === 0) return Promise.resolve()
    return this.commits.add(entries)
  }

  first(partition: number): number {
    return this.logs[partition].first
  }

  end(partition: number): number {
    return this.logs[partition].end
  }

  /** No record yet to come has an append time below this; `nowMs` unless a flush is under way. */
  streamTime(partition: number, nowMs: number): number {
    return this.logs[partition].streamTime(nowMs)
  }

  read(partition: number, offset: number, limit: number): Promise<LogRecord[]> {
    return this.logs[partition].read(offset, limit)
  }

  waitPast(partition: number, offset: number, timeoutMs: number): Promise<void> {
    return this.logs[partition].waitPast(offset, timeoutMs)
  }

  wakeReaders(): void {
    for (const log of this.logs) log.wake()
  }

  cut(partition: number, offset: number, beforeMs: number): Promise<void> {
    return this.logs[partition].cut(offset, beforeMs)
  }

  /** The offset at which a group was found to stand outside of the log, or null. */
  async lostAt(group: string, partition: number): Promise<number | null> {
    const key = lostKey(group, partition)
    for await (const [, value] of this.db.range(key, `${key}~`)) return Number(Buffer.from(value).toString())
    return null
  }

  /** Keeps that, because a log that grows again would hide it. */
  async noteLost(group: string, partition: number, next: number): Promise<void> {
    await this.db.write([{ type: 'put', key: lostKey(group, partition), value: Buffer.from(String(next)) }])
  }

  async close(): Promise<void> {
    this.closed = true
    await this.commits.settled()
    await this.disk.close()
    this.wakeReaders()
    await this.db.close()
  }

  private async flush(entries: readonly LogEntry[]): Promise<void> {
    const byPartition = new Map<number, Uint8Array[]>()
    for (const entry of entries) {
      const partition = partitionOf(entry.site, this.logs.length)
      const records = byPartition.get(partition)
      if (records === undefined) byPartition.set(partition, [entry.bytes])
      else records.push(entry.bytes)
    }
    const now = this.clock.now()
    const prepared = [...byPartition].map(([partition, records]) => this.logs[partition].prepare(records, now))
    try {
      await this.write(prepared.map(({ operation }) => operation))
    } catch (error) {
      this.disk.failed()
      throw new LogUnavailableError(error)
    }
    for (const { landed } of prepared) landed()
  }

  private async write(operations: Parameters<DurableLevel['write']>[0]): Promise<void> {
    const { generation } = this.db
    try {
      await this.db.write(operations)
    } finally {
      if (this.db.generation !== generation) await this.reopenPartitions()
    }
  }

  /** The folder was opened anew: what the failed write left behind decides where the next flush goes. */
  private async reopenPartitions(): Promise<void> {
    for (const log of this.logs) await log.open()
  }
}

function lostKey(group: string, partition: number): string {
  return `lost/${group}/${partition}`
}
