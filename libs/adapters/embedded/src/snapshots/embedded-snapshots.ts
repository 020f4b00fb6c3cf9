import type { Snapshot } from '#domain'
import type { KeptNumbers, KeptViews, SnapshotStore } from '#ports'
import { DurableLevel, type LevelOperation } from '#disk'

/** A record written in another format is left out on loading, as if it had never been known. */
const FORMAT = 1
const SNAPSHOTS = 's:'
const VIEWS = 'v:'
const AFTER_ALL_SITES = '~'

/** Last known numbers in a LevelDB folder: one JSON record per site for its snapshot, one for its views. */
export class EmbeddedSnapshots implements SnapshotStore {
  private constructor(private readonly db: DurableLevel) {}

  static async open(folder: string): Promise<EmbeddedSnapshots> {
    return new EmbeddedSnapshots(await DurableLevel.open(folder))
  }

  async load(): Promise<readonly KeptNumbers[]> {
    const snapshots = await this.loadAll<Snapshot>(SNAPSHOTS)
    const views = await this.loadAll<readonly KeptViews[]>(VIEWS)
    const siteIds = new Set([...snapshots.keys(), ...views.keys()])
    return [...siteIds].map((siteId) => keptNumbers(siteId, snapshots.get(siteId), views.get(siteId)))
  }

  async save(changed: readonly KeptNumbers[]): Promise<void> {
    const operations = changed.flatMap(({ siteId, snapshot, views }) => [
      ...(snapshot ? [put(SNAPSHOTS + siteId, snapshot)] : []),
      ...(views ? [put(VIEWS + siteId, views)] : []),
    ])
    if (operations.length > 0) await this.db.write(operations)
  }

  async remove(siteIds: readonly string[]): Promise<void> {
    if (siteIds.length === 0) return
    await this.db.write(
      siteIds.flatMap((siteId) => [SNAPSHOTS + siteId, VIEWS + siteId].map((key) => ({ type: 'del' as const, key }))),
    )
    await this.db.compact()
  }

  async close(): Promise<void> {
    await this.db.close()
  }

  private async loadAll<T>(prefix: string): Promise<Map<string, T>> {
    const found = new Map<string, T>()
    for await (const [key, bytes] of this.db.range(prefix, prefix + AFTER_ALL_SITES)) {
      const kept = decode(bytes)
      if (kept !== null) found.set(key.slice(prefix.length), kept as T)
    }
    return found
  }
}

function keptNumbers(siteId: string, snapshot?: Snapshot, views?: readonly KeptViews[]): KeptNumbers {
  return { siteId, ...(snapshot && { snapshot }), ...(views && { views }) }
}

function put(key: string, kept: unknown): LevelOperation {
  return { type: 'put', key, value: Buffer.from(JSON.stringify({ format: FORMAT, kept })) }
}

function decode(bytes: Uint8Array): unknown {
  try {
    const record = JSON.parse(Buffer.from(bytes).toString()) as { format?: unknown; kept?: unknown }
    return record.format === FORMAT ? (record.kept ?? null) : null
  } catch {
    return null
  }
}
