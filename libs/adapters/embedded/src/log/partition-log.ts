import type { LogRecord } from '#ports'
import type { DurableLevel, LevelOperation } from '#disk'
import { decodeFlush, encodeFlush, endOfFlush, type Flush, recordsFrom } from './flush.codec.js'

/** How much of the end of each partition is kept in memory for its readers. */
const TAIL_BYTES = 8 * 1024 * 1024

const OFFSET_DIGITS = 16
const LAST_KEY = '9'.repeat(OFFSET_DIGITS)

/**
 * A flush as it was written. Not its records: tens of thousands of objects that live for seconds would be carried through every
 * garbage collection, and cutting them out of the bytes again for each reader is cheap.
 */
interface TailFlush {
  readonly firstOffset: number
  readonly end: number
  readonly value: Uint8Array
}

/** One partition of the log: its keys, its ends, and its last flushes in memory. */
export class PartitionLog {
  first = 0
  end = 0
  /** No record to come is appended before this. */
  private lastAppendedAtMs = 0
  private underWay = false
  private tail: TailFlush[] = []
  private tailBytes = 0
  private waiters: (() => void)[] = []

  constructor(
    private readonly db: DurableLevel,
    private readonly partition: number,
  ) {}

  /** Reads both ends anew; also after a failed write, which may have left its flush behind. */
  async open(): Promise<void> {
    this.tail = []
    this.tailBytes = 0
    this.first = (await this.flushes({ limit: 1 }))[0]?.firstOffset ?? 0
    const last = (await this.flushes({ limit: 1, reverse: true }))[0]
    this.end = last === undefined ? 0 : endOfFlush(last)
    this.lastAppendedAtMs = Math.max(this.lastAppendedAtMs, last?.appendedAtMs ?? 0)
    this.underWay = false
    this.wake()
  }

  /** What to write for these records now, and what to do once it is synced. */
  prepare(records: readonly Uint8Array[], nowMs: number): { operation: LevelOperation; landed: () => void } {
    const appendedAtMs = Math.max(nowMs, this.lastAppendedAtMs)
    this.underWay = true
    const value = encodeFlush(appendedAtMs, records)
    const flush = { firstOffset: this.end, end: this.end + records.length, value }
    return {
      operation: { type: 'put', key: this.key(flush.firstOffset), value },
      landed: () => this.landed(flush, appendedAtMs),
    }
  }

  /** Promises that no record to come has an append time below the answer: `nowMs`, unless a flush is under way. */
  streamTime(nowMs: number): number {
    if (!this.underWay) this.lastAppendedAtMs = Math.max(this.lastAppendedAtMs, nowMs)
    return this.lastAppendedAtMs
  }

  /** At most about `limit` records from `offset` on, whole flushes but for the first; empty at the end. */
  async read(offset: number, limit: number): Promise<LogRecord[]> {
    const fromTail = this.tail.length > 0 && this.tail[0]!.firstOffset <= offset
    const flushes = fromTail ? this.tailFrom(offset, limit) : await this.flushesFrom(offset, limit)
    return flushes.flatMap((flush) => recordsFrom(flush, offset))
  }

  /** Resolves when the end may have moved past `offset`, or after `timeoutMs`. */
  waitPast(offset: number, timeoutMs: number): Promise<void> {
    if (this.end > offset) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.waiters.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Lets go of everyone who waits. */
  wake(): void {
    const waiters = this.waiters
    this.waiters = []
    for (const wake of waiters) wake()
  }

  /** Cuts whole flushes that end at or before `offset` and were appended before `beforeMs`. The last one stays: it tells the end. */
  async cut(offset: number, beforeMs: number): Promise<void> {
    let keep = this.first
    for await (const [key, value] of this.db.range(this.key(0), this.key(offset))) {
      const flush = decodeFlush(this.offsetOf(key), value)
      const end = endOfFlush(flush)
      if (end > offset || end === this.end || flush.appendedAtMs >= beforeMs) break
      keep = end
    }
    if (keep === this.first) return
    await this.db.clear(this.key(0), this.key(keep))
    this.first = keep
  }

  private landed(flush: TailFlush, appendedAtMs: number): void {
    this.end = flush.end
    this.lastAppendedAtMs = appendedAtMs
    this.underWay = false
    this.tail.push(flush)
    this.tailBytes += flush.value.length
    while (this.tailBytes > TAIL_BYTES && this.tail.length > 1) this.tailBytes -= this.tail.shift()!.value.length
    this.wake()
  }

  private tailFrom(offset: number, limit: number): Flush[] {
    let low = 0
    let high = this.tail.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.tail[middle]!.end > offset) high = middle
      else low = middle + 1
    }
    const flushes: Flush[] = []
    for (let records = 0; low < this.tail.length && records < limit; low++) {
      const { firstOffset, end, value } = this.tail[low]!
      flushes.push(decodeFlush(firstOffset, value))
      records += end - firstOffset
    }
    return flushes
  }

  private async flushesFrom(offset: number, limit: number): Promise<Flush[]> {
    const [holding] = await this.flushes({ to: this.key(offset + 1), limit: 1, reverse: true })
    const flushes: Flush[] = []
    let records = 0
    for await (const [key, value] of this.db.range(this.key(holding?.firstOffset ?? offset), this.key(this.end))) {
      const flush = decodeFlush(this.offsetOf(key), value)
      if (endOfFlush(flush) <= offset) continue
      flushes.push(flush)
      records += flush.records.length
      if (records >= limit) break
    }
    return flushes
  }

  private async flushes(options: { to?: string; limit: number; reverse?: boolean }): Promise<Flush[]> {
    const flushes: Flush[] = []
    const { to = `${this.partition}/${LAST_KEY}`, ...rest } = options
    for await (const [key, value] of this.db.range(this.key(0), to, rest))
      flushes.push(decodeFlush(this.offsetOf(key), value))
    return flushes
  }

  private key(offset: number): string {
    return `${this.partition}/${String(offset).padStart(OFFSET_DIGITS, '0')}`
  }

  private offsetOf(key: string): number {
    return Number(key.slice(key.indexOf('/') + 1))
  }
}
