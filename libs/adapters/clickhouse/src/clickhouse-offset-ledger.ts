import { randomUUID } from 'node:crypto'
import type { OffsetLine } from '#domain'
import { type OffsetCommit, type OffsetLedger, type Turns, turnsOfProcess } from '#ports'
import type { ClickHouseConnection } from './clickhouse-connection.js'
import { OFFSET_COMMITS } from './offset.table.js'

const HEADS_SQL = 'SELECT site_id AS siteId, max(revision) AS revision FROM offset_commits GROUP BY site_id'
const HEAD_SQL = 'SELECT max(revision) AS revision FROM offset_commits WHERE site_id = {siteId:String}'
/** So many commits in one answer, since one may have megabytes. */
const PAGE = 25
/** Of two rows of one revision the later is the commit: see the class. */
const READ_SQL = `
SELECT revision, toUnixTimestamp64Milli(at) AS atMs, made_by AS madeBy, day, lines, reverses,
  idempotency_key AS idempotencyKey, body_hash AS bodyHash
FROM offset_commits
WHERE site_id = {siteId:String} AND revision > {after:UInt32} AND revision <= {after:UInt32} + ${PAGE}
ORDER BY revision, at DESC, token DESC
LIMIT 1 BY revision`
const TOKEN_SQL = `
SELECT token FROM offset_commits WHERE site_id = {siteId:String} AND revision = {revision:UInt32}
ORDER BY at DESC, token DESC LIMIT 1`
const ANY_SQL = 'SELECT 1 FROM offset_commits WHERE site_id = {siteId:String} LIMIT 1'

interface CommitRecord {
  readonly revision: number
  readonly atMs: string
  readonly madeBy: string
  readonly day: number
  readonly lines: string
  readonly reverses: string
  readonly idempotencyKey: string
  readonly bodyHash: string
}

/**
 * Offset commits as rows of ClickHouse. ClickHouse has no uniqueness, but of inserts with one token it keeps the first, and the
 * token of a commit is its revision: so of any number of processes one is told that it added it. Turns only spare those of this
 * process the vain attempt. An insert that was given up and lands late, after so many others that its token is forgotten,
 * never was: of two rows of one revision the later one counts, and that was made by who saw no other.
 */
export class ClickHouseOffsetLedger implements OffsetLedger {
  private readonly turns: Turns = turnsOfProcess()

  constructor(private readonly connection: ClickHouseConnection) {}

  async heads(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.connection.query<{ siteId: string; revision: number }>(HEADS_SQL)
    return new Map(rows.map(({ siteId, revision }) => [siteId, revision]))
  }

  async read(siteId: string, afterRevision: number): Promise<readonly OffsetCommit[]> {
    const rows = await this.connection.query<CommitRecord>(READ_SQL, { siteId, after: afterRevision })
    return rows.map((row) => commitOf(siteId, row))
  }

  append(commit: OffsetCommit): Promise<boolean> {
    const { siteId, revision } = commit
    return this.turns(siteId, async () => {
      const [head] = await this.connection.query<{ revision: number }>(HEAD_SQL, { siteId })
      if ((head?.revision ?? 0) !== revision - 1) return false
      const token = randomUUID()
      await this.connection.insert(OFFSET_COMMITS, [{ commit, token }], `${siteId}/${revision}`)
      const [standing] = await this.connection.query<{ token: string }>(TOKEN_SQL, { siteId, revision })
      return standing?.token === token
    })
  }

  /** A mutation costs even where it finds nothing, so it is asked for only where there is something. */
  eraseSite(siteId: string): Promise<void> {
    return this.turns(siteId, async () => {
      const found = await this.connection.query(ANY_SQL, { siteId })
      if (found.length === 0) return
      const sql = 'ALTER TABLE offset_commits DELETE WHERE site_id = {siteId:String} SETTINGS mutations_sync = 2'
      await this.connection.command(sql, { siteId })
    })
  }
}

function commitOf(siteId: string, row: CommitRecord): OffsetCommit {
  return {
    siteId,
    revision: row.revision,
    atMs: Number(row.atMs),
    by: row.madeBy,
    day: row.day,
    lines: JSON.parse(row.lines) as OffsetLine[],
    reverses: row.reverses === '' ? null : row.reverses,
    idempotency: row.idempotencyKey === '' ? null : { key: row.idempotencyKey, bodyHash: row.bodyHash },
  }
}
