import { Inject, Injectable } from '@nestjs/common'
import { entryId, isoDate, type OffsetEntry, parseEntryId, ProblemError } from '#domain'
import { readQuery } from '#http'
import { OFFSET_LEDGER, type OffsetCommit, type OffsetLedger } from '#ports'
import { written } from '../owner-door/registry-away.js'
import { OffsetBook } from './offset-book.js'

/** As many as one request can make. */
export const MOST_LISTED = 100_000

/** An offset entry on the wire. */
export interface ShownOffset {
  readonly id: string
  readonly field: OffsetEntry['field']
  /** Of `views` only; normalised. */
  readonly path?: string
  /** What the owner typed; null when `add` was typed. */
  readonly shown: number | null
  readonly add: number
  readonly reason: string
  /** Local day of its creation. */
  readonly day: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  /** Id of the key, or `admin`. */
  readonly by: string
  readonly reversedAt: string | null
  readonly reversedBy: string | null
}

/** Which entries are asked for: at most `limit`, those after the entry `after`. */
export interface OffsetPage {
  readonly limit: number
  readonly after: string | null
}

/** Reads a site's entries from the ledger: the process itself remembers only what they come to. */
@Injectable()
export class OffsetList {
  constructor(
    @Inject(OFFSET_LEDGER) private readonly ledger: OffsetLedger,
    @Inject(OffsetBook) private readonly book: OffsetBook,
  ) {}

  /** Oldest first, reversed ones marked; `more` when there are entries behind the last. */
  async page(siteId: string, { limit, after }: OffsetPage): Promise<{ entries: ShownOffset[]; more: boolean }> {
    await written(this.book.refresh(siteId))
    const start = after === null ? { revision: 1, place: 0 } : parseEntryId(after)!
    const found: ShownOffset[] = []
    for (let revision = start.revision - 1; found.length <= limit;) {
      const commits = await written(this.ledger.read(siteId, revision))
      if (commits.length === 0) break
      for (const commit of commits) {
        const skip = commit.revision === start.revision ? start.place : 0
        for (const entry of this.shown(commit).slice(skip)) found.push(entry)
        revision = commit.revision
      }
    }
    return { entries: found.slice(0, limit), more: found.length > limit }
  }

  /** The entries that a commit made; none of a reversal. */
  shown(commit: OffsetCommit): ShownOffset[] {
    if (commit.reverses !== null) return []
    return commit.lines.map((_, n) =>
      shownOffset(entryOf(commit, n, this.book.reversal(commit.siteId, idOf(commit, n)))),
    )
  }
}

/** The entries as they were when the commit made them, so that a repeated request has the same answer. */
export function shownAtCreation(commit: OffsetCommit): ShownOffset[] {
  return commit.lines.map((_, n) => shownOffset(entryOf(commit, n, null)))
}

/** `limit` from 1 to `MOST_LISTED`, `after` an entry's id; throws `unknown_parameter` and `bad_parameter`. */
export function readPage(query: string): OffsetPage {
  const read = readQuery(query, ['limit', 'after'])
  if ('problem' in read) throw new ProblemError(read.problem)
  const limit = read.params.get('limit') ?? String(MOST_LISTED)
  if (!/^[1-9]\d{0,5}$/.test(limit) || Number(limit) > MOST_LISTED) throw badParameter('limit')
  const after = read.params.get('after')
  if (after !== null && parseEntryId(after) === null) throw badParameter('after')
  return { limit: Number(limit), after }
}

function badParameter(field: string): ProblemError {
  return new ProblemError({ code: 'bad_parameter', field })
}

function idOf({ revision }: OffsetCommit, n: number): string {
  return entryId({ revision, place: n + 1 })
}

function entryOf(commit: OffsetCommit, n: number, reversed: OffsetEntry['reversed']): OffsetEntry {
  const { day, atMs, by, lines } = commit
  return { ...lines[n]!, id: idOf(commit, n), day, createdAtMs: atMs, by, reversed }
}

function shownOffset(entry: OffsetEntry): ShownOffset {
  const { id, field, path, shown, add, reason, day, createdAtMs, by, reversed } = entry
  return {
    id,
    field,
    ...(field === 'views' ? { path } : {}),
    shown,
    add,
    reason,
    day: isoDate(day),
    createdAt: new Date(createdAtMs).toISOString(),
    by,
    reversedAt: reversed === null ? null : new Date(reversed.atMs).toISOString(),
    reversedBy: reversed?.by ?? null,
  }
}
