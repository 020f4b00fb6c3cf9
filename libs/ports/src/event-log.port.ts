/** One encoded event on its way into the log. */
export interface LogEntry {
  /** Decides the partition: one site lives in one partition. */
  readonly site: string
  readonly bytes: Uint8Array
}

/** One record as it lies in the log. */
export interface LogRecord {
  readonly offset: number
  /** The log's own clock when the record was appended, ms; never falls within a partition. */
  readonly appendedAtMs: number
  readonly bytes: Uint8Array
}

/** Durable, ordered stream in partitions. */
export interface EventLog {
  readonly partitions: number
  /**
   * Resolves when every entry is durable: it survives the death of every process of ours (contract section 2).
   * Rejects when that cannot be said; some entries may be in the log all the same, so a retry must carry the same ids.
   */
  append(entries: readonly LogEntry[]): Promise<void>
}
export const EVENT_LOG = Symbol('EventLog')

/** The log cannot take events right now, or is closed. */
export class LogUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The log cannot be written.', { cause })
    this.name = 'LogUnavailableError'
  }
}

/** Consecutive records of one partition, in order. */
export interface LogBatch {
  readonly partition: number
  readonly records: readonly LogRecord[]
  /** Offset after the last record of the partition known when the batch was read. */
  readonly end: number
  /** Aborted when the subscription closes or the partition goes to another: a wait inside `apply` must end then. */
  readonly signal: AbortSignal
}

/** What the log holds of a partition when a group joins it. */
export interface LogExtent {
  /** Offset of the first record that is still there. */
  readonly first: number
  /** Offset after the last one. */
  readonly end: number
  /** Aborted when the subscription closes: long work before the first batch must end then. */
  readonly signal: AbortSignal
}

/** What one consumer group does with its batches. */
export interface LogHandler {
  /** Records that the group likes to have in one batch, at most about. */
  readonly maxRecords: number
  /**
   * Where the group goes on in a partition: the offset of the first record not yet applied. Asked on assignment, again after
   * a rejection. An offset that the log does not hold halts the partition.
   */
  position(partition: number, extent: LogExtent): Promise<number>
  /**
   * Applies a batch and returns where to go on: after its last record, or wherever the group's own state now is.
   * A store that is away is waited out in here; a throw means a bug and halts this partition (unless `signal` is aborted).
   */
  apply(batch: LogBatch): Promise<number>
  /**
   * Everything up to `next` is applied and that was the end of the partition at this instant, ms. No record that is yet to
   * come has an append time below `streamTimeMs`, so days close although nothing comes: a log with a clock of its own
   * says the latest append time that it gave out.
   */
  caughtUp(partition: number, next: number, atMs: number, streamTimeMs: number): Promise<void>
}

/** Where a group stands in one partition. */
export interface LogLag {
  readonly partition: number
  readonly next: number
  readonly end: number
  readonly halted: boolean
}

export interface LogSubscription {
  lag(): readonly LogLag[]
  /** Stops fetching, finishes the batch at hand, then resolves. */
  close(): Promise<void>
}

/** Reads the log for a group, each partition serially and in order, at least once. */
export interface EventLogConsumer {
  subscribe(group: string, handler: LogHandler): Promise<LogSubscription>
}
export const EVENT_LOG_CONSUMER = Symbol('EventLogConsumer')
