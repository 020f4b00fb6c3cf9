import type { EventLog, LogEntry } from '#ports'

/**
 * `fine`; `rejects`: has nothing; `hangs`: has nothing and never says so; `lies`: has everything and rejects; `silent`: has
 * everything and never says so; `partial`: has the first half and rejects; `slow`: takes everything after `slowMs`.
 */
export const MOODS = ['fine', 'rejects', 'hangs', 'lies', 'silent', 'partial', 'slow'] as const
export type Mood = (typeof MOODS)[number]

/** A log in memory that outlives the processes that write to it, with every fault that a real one has. */
export class FaultyLog {
  mood: Mood = 'fine'
  slowMs = 30
  /** Texts of the records, in the order of arrival. */
  readonly texts: string[] = []
  /** Sizes of the appends that were tried, in order. */
  readonly tries: number[] = []

  has(text: string): boolean {
    return this.texts.includes(text)
  }

  /** The log as one process reaches it; after `cut` nothing of that process arrives any more. */
  connect(): EventLog & { cut(): void } {
    let isCut = false
    const append = async (entries: readonly LogEntry[]) => {
      if (isCut) throw new Error('this process is dead')
      this.tries.push(entries.length)
      if (this.mood === 'slow') await new Promise((resolve) => setTimeout(resolve, this.slowMs))
      if (!isCut) await this.take(entries)
    }
    return { partitions: 1, append, cut: () => (isCut = true) }
  }

  private async take(entries: readonly LogEntry[]): Promise<void> {
    const kept = { rejects: 0, hangs: 0, partial: entries.length >> 1 }[this.mood as string] ?? entries.length
    for (const { bytes } of entries.slice(0, kept)) this.texts.push(String(bytes))
    if (this.mood === 'hangs' || this.mood === 'silent') return new Promise(() => undefined)
    if (this.mood !== 'fine' && this.mood !== 'slow') throw new Error(`the log ${this.mood}`)
  }
}

/** Everything that takes seconds takes milliseconds. */
export const QUICK = {
  appendLimitMs: 20,
  replayLimitMs: 25,
  firstWaitMs: 3,
  longestWaitMs: 15,
  drainPerSecond: 1_000_000,
}
