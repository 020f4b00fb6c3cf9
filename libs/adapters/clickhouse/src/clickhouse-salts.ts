import { randomBytes } from 'node:crypto'
import { SaltFiles } from '#disk'
import { saltDays, saltDueAtMs } from '#domain'
import type { Salts } from '#ports'
import { civilDate } from './civil-date.js'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { DAILY_SALTS } from './salt.table.js'

const READ_SQL =
  'SELECT toUInt16(day) AS day, argMin(salt, (created_at, salt)) AS salt FROM salts GROUP BY day ORDER BY day'
/** Nothing is given back to the store so shortly before it is destroyed: another process's clock may be ahead of ours. */
const RESTORE_UNTIL_MS = 3600 * 1000
/** Older than any: what a process has used stands, should another that had none make a new one at that moment. */
const RESTORED = 0

/**
 * Salts shared by all processes through rows of ClickHouse. Of several processes that make one day's salt at once the first
 * insert stays, by its token; should two rows lie there all the same, the smallest (createdAt, salt) is the salt for all.
 * A salt is told to nobody before it was read back. What was read is kept in files of this process alone, so that it
 * starts and goes on without ClickHouse.
 */
export class ClickHouseSalts implements Salts {
  private constructor(
    private readonly connection: ClickHouseConnection,
    private readonly files: SaltFiles,
  ) {}

  /** Reads the folder only; ClickHouse is first asked by `maintain`. */
  static async open(connection: ClickHouseConnection, folder: string): Promise<ClickHouseSalts> {
    return new ClickHouseSalts(connection, await SaltFiles.open(folder))
  }

  saltOf(day: number): string | null {
    return this.files.get(day) ?? null
  }

  /** Rejects when ClickHouse is away; what is due in this process's own files is destroyed all the same. */
  async maintain(nowMs: number): Promise<void> {
    await this.files.destroyDue(nowMs)
    let stored = await this.read()
    for (const day of stored.keys()) if (saltDueAtMs(day) <= nowMs) await this.drop(day)
    if (await this.complete(stored, nowMs)) stored = await this.read()
    for (const [day, salt] of stored) if (saltDueAtMs(day) > nowMs) await this.files.put(day, salt)
  }

  private async read(): Promise<Map<number, string>> {
    const rows = await this.connection.query<{ day: number; salt: string }>(READ_SQL)
    return new Map(rows.map(({ day, salt }) => [day, salt]))
  }

  private drop(day: number): Promise<void> {
    return this.connection.command(`ALTER TABLE ${DAILY_SALTS.name} DROP PARTITION {day:String}`, {
      day: civilDate(day),
    })
  }

  /**
   * Adds what the store lacks, day after day: a hole is a salt that was lost, which is given back by who has it still, and
   * never made again, because its visitors would count twice. Resolves to whether anything was added.
   */
  private async complete(stored: ReadonlyMap<number, string>, nowMs: number): Promise<boolean> {
    const lacking = saltDays(nowMs).filter((day) => !stored.has(day))
    const madeUntil = Math.max(...stored.keys(), ...this.files.days())
    for (const day of lacking) {
      const kept = this.files.get(day)
      if (kept !== undefined) await this.restore(day, kept, nowMs)
      else if (day > madeUntil) await this.make(day, nowMs)
    }
    return lacking.length > 0
  }

  private async make(day: number, nowMs: number): Promise<void> {
    const row = { day, createdAtMs: nowMs, salt: randomBytes(32).toString('hex') }
    await this.connection.insert(DAILY_SALTS, [row], `salt of ${civilDate(day)}`)
  }

  private async restore(day: number, salt: string, nowMs: number): Promise<void> {
    if (saltDueAtMs(day) - nowMs < RESTORE_UNTIL_MS) return
    await this.connection.insert(DAILY_SALTS, [{ day, createdAtMs: RESTORED, salt }])
  }
}
