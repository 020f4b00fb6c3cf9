import type { ClassicLevel } from 'classic-level'

export type LevelPut = { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
export type LevelDelete = { readonly type: 'del'; readonly key: string }
export type LevelOperation = LevelPut | LevelDelete

type Db = ClassicLevel<string, Uint8Array>

/** The folder is in use by another process of ours. */
export class FolderLockedError extends Error {
  constructor(readonly folder: string) {
    super(`The folder ${folder} is in use by another process.`)
    this.name = 'FolderLockedError'
  }
}

/**
 * A LevelDB folder whose writes are synced to disk before they resolve. LevelDB refuses all writes after one failed
 * (a full disk, say), so a failed write is followed by opening the folder anew; `generation` counts that, because what
 * the failed write left behind may be there after all and has to be looked at again.
 */
export class DurableLevel {
  generation = 0

  private constructor(
    private readonly folder: string,
    private db: Db,
  ) {}

  static async open(folder: string): Promise<DurableLevel> {
    return new DurableLevel(folder, await openDb(folder))
  }

  /** All or nothing, in the order given. A rejection leaves open whether it was written. */
  async write(operations: readonly LevelOperation[]): Promise<void> {
    if (this.db.status !== 'open') await this.reopen()
    try {
      const [first] = operations
      // A flush of the log is one value: a batch around it would cost more at every flush.
      if (operations.length === 1 && first?.type === 'put') await this.db.put(first.key, first.value, { sync: true })
      else await this.db.batch([...operations], { sync: true })
    } catch (error) {
      await this.reopen().catch(() => undefined)
      throw error
    }
  }

  /** Keys from `from` (included) to `to` (excluded). */
  range(
    from: string,
    to: string,
    options: { reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[string, Uint8Array]> {
    return this.db.iterator({ gte: from, lt: to, ...options })
  }

  /** Keys as in `range`. */
  keys(from: string, to: string): AsyncIterable<string> {
    return this.db.keys({ gte: from, lt: to })
  }

  /** Rewrites the files so that removed values are in none of them any more. */
  async compact(): Promise<void> {
    await this.db.compactRange('', '\uffff')
  }

  /** Removes a range; not atomic with any write, so callers must bear with a part of it left after a crash. */
  async clear(from: string, to: string): Promise<void> {
    await this.db.clear({ gte: from, lt: to })
  }

  async close(): Promise<void> {
    await this.db.close()
  }

  private async reopen(): Promise<void> {
    await this.db.close()
    this.db = await openDb(this.folder)
    this.generation++
  }
}

/** The native binding is loaded here, not at import, where a platform without one would end in a stack trace. */
async function openDb(folder: string): Promise<Db> {
  const { ClassicLevel } = await import('classic-level')
  const db: Db = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
  try {
    await db.open()
    return db
  } catch (error) {
    const cause = (error as { cause?: { code?: string; message?: string } }).cause
    if (cause?.code === 'LEVEL_LOCKED') throw new FolderLockedError(folder)
    throw new Error(`The folder ${folder} cannot be opened: ${cause?.message ?? String(error)}`, { cause: error })
  }
}
