import { DiskWatch, DurableLevel, GroupCommit } from '#disk'
import type { Clock, LogEntry } from '#ports'
import { bytesOf, decodeSpooled, encodeSpooled, keyOf, sequenceOf } from './spool.codec.js'
import { type SpoolRefusal, SpoolRefusedError } from './spool-refused.error.js'

/** Past this an event is dead-lettered as too late, so nothing more is promised (pipeline.md section 4). */
const OLDEST_MS = 24 * 3600 * 1000
/** Replayed together: what one send to Kafka holds. */
const CHUNK_ENTRIES = 500
const CHUNK_BYTES = 256 * 1024
/** After so much was removed an empty spool is rewritten; below that LevelDB's own tidying will do. */
const COMPACT_BYTES = 1024 * 1024
/** Per entry in a value: two lengths. */
const ENTRY_OVERHEAD = 8
/** Sorts behind every sequence number. */
const PROBE_KEY = 'probe'
const ALL_SEQUENCES = ['0', ':'] as const

/** The oldest entries, whole flushes of them. */
export interface SpoolChunk {
  readonly entries: readonly LogEntry[]
  readonly bytes: number
  /** Sequence number after its last flush. */
  readonly end: number
}

/** A queue on disk: group commits go in at one end, chunks are read and then removed at the other. */
export class Spool {
  private readonly commits = new GroupCommit<LogEntry>((entries) => this.flush(entries), CHUNK_BYTES)
  private readonly disk = new DiskWatch(() => this.probe())
  /** Flushes from `head` to before `next` wait; `cleared` are gone from the disk too. */
  private head = 0
  private next = 0
  private cleared = 0
  private storedBytes = 0
  private reservedBytes = 0
  private uncompactedBytes = 0
  private oldestAtMs = 0
  private readable = true
  private closed = false

  private constructor(
    private readonly db: DurableLevel,
    private readonly maxBytes: number,
    private readonly clock: Clock,
  ) {}

  static async open(folder: string, maxBytes: number, clock: Clock): Promise<Spool> {
    const spool = new Spool(await DurableLevel.open(folder), maxBytes, clock)
    await spool.takeLeftovers()
    return spool
  }

  get isEmpty(): boolean {
    return this.head >= this.next
  }

  get bytes(): number {
    return this.storedBytes
  }

  /** Age of the oldest entry, as of the last read; 0 when there is none, since 1970 when it cannot be read. */
  ageMs(): number {
    return this.isEmpty ? 0 : Math.max(0, this.clock.now() - this.oldestAtMs)
  }

  /** Why an entry of that many bytes would be refused now, or null. */
  refusal(bytes: number): SpoolRefusal | null {
    if (this.closed) return 'closed'
    if (!this.disk.isWritable || !this.readable) return 'disk'
    if (this.ageMs() > OLDEST_MS) return 'too old'
    return this.storedBytes + this.reservedBytes + bytes > this.maxBytes ? 'full' : null
  }

  /** Synced to disk when it resolves. */
  async add(entries: readonly LogEntry[]): Promise<void> {
    const bytes = entries.reduce((sum, entry) => sum + entry.site.length + entry.bytes.length + ENTRY_OVERHEAD, 0)
    const refusal = this.refusal(bytes)
    if (refusal !== null) throw new SpoolRefusedError(refusal)
    this.reservedBytes += bytes
    try {
      await this.commits.add(entries)
    } finally {
      this.reservedBytes -= bytes
    }
  }

  /**
   * The oldest entries; null when there are none. A value that cannot be decoded rejects: it is never jumped over, and as long
   * as it lies there nothing is promised behind it.
   */
  async read(): Promise<SpoolChunk | null> {
    try {
      const chunk = await this.readOldest()
      this.readable = true
      return chunk
    } catch (error) {
      this.readable = false
      throw error
    }
  }

  /**
   * Forgets a chunk that was read. Not synced: what a crash brings back is replayed again. After a rejection it is not read
   * again by this process either.
   */
  async remove({ end, bytes }: SpoolChunk): Promise<void> {
    this.passed(end, bytes)
    try {
      await this.db.clear(keyOf(this.cleared), keyOf(end))
    } catch (error) {
      this.disk.failed()
      throw error
    }
    this.cleared = end
    this.uncompactedBytes += bytes
    if (this.isEmpty) await this.compact()
  }

  /** What was added before is on disk, or has failed, when it resolves. */
  async close(): Promise<void> {
    this.closed = true
    await this.commits.settled()
    await this.disk.close()
    await this.db.close()
  }

  private async flush(entries: readonly LogEntry[]): Promise<void> {
    const atMs = this.clock.now()
    const value = encodeSpooled({ atMs, entries })
    const sequence = this.next
    try {
      await this.db.write([{ type: 'put', key: keyOf(sequence, value.length), value }])
      this.storedBytes += value.length
    } catch (error) {
      this.disk.failed()
      throw new SpoolRefusedError('disk', error)
    } finally {
      // A failed write may be there after all, so its number is never given again.
      if (this.isEmpty) this.oldestAtMs = atMs
      this.next = sequence + 1
    }
  }

  private async readOldest(): Promise<SpoolChunk | null> {
    const until = this.next
    const entries: LogEntry[] = []
    let bytes = 0
    let end = this.head
    for await (const [key, value] of this.db.range(keyOf(this.head), keyOf(until))) {
      const flush = decodeSpooled(key, value)
      if (entries.length === 0) this.oldestAtMs = flush.atMs
      for (const entry of flush.entries) entries.push(entry)
      bytes += value.length
      end = sequenceOf(key) + 1
      if (entries.length >= CHUNK_ENTRIES || bytes >= CHUNK_BYTES) break
    }
    if (entries.length > 0) return { entries, bytes, end }
    this.passed(until, 0) // numbers of writes that failed
    return null
  }

  private passed(end: number, bytes: number): void {
    this.head = Math.max(this.head, end)
    this.storedBytes = this.isEmpty ? 0 : Math.max(0, this.storedBytes - bytes)
  }

  /** Removed values stay in LevelDB's files until they are rewritten, and of an outage that may be the whole limit. */
  private async compact(): Promise<void> {
    if (this.uncompactedBytes < COMPACT_BYTES) return
    this.uncompactedBytes = 0
    await this.db.compact()
  }

  private async takeLeftovers(): Promise<void> {
    for await (const key of this.db.keys(...ALL_SEQUENCES)) {
      if (this.storedBytes === 0) this.head = this.cleared = sequenceOf(key)
      this.storedBytes += bytesOf(key)
      this.next = sequenceOf(key) + 1
    }
    // Tells the age; the drainer will meet the same trouble, and say so.
    if (!this.isEmpty) await this.read().catch(() => null)
  }

  /** The disk takes writes again: what failed ones left behind is counted, what was replayed meanwhile is removed. */
  private async probe(): Promise<void> {
    await this.db.write([{ type: 'put', key: PROBE_KEY, value: new Uint8Array(1) }])
    const { head, next, storedBytes } = this
    await this.db.clear(keyOf(this.cleared), keyOf(head))
    this.cleared = Math.max(this.cleared, head)
    let found = 0
    for await (const key of this.db.keys(keyOf(head), keyOf(next))) found += bytesOf(key)
    this.storedBytes += found - storedBytes
  }
}
