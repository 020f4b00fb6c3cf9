import { Inject, Injectable } from '@nestjs/common'
import {
  numbersHolding,
  OffsetDraft,
  type OffsetLine,
  type OffsetRequest,
  parseEntryId,
  ProblemError,
  type Site,
} from '#domain'
import { CLOCK, type Clock, OFFSET_LEDGER, type OffsetCommit, type OffsetLedger, turnsOfProcess } from '#ports'
import { REGISTRY_AWAY, written } from '../owner-door/registry-away.js'
import { forEachInSlices } from './breathe.js'
import { NumbersNow } from './numbers-now.js'
import { OffsetBook } from './offset-book.js'

/** Commits of other processes to one site that may come in between before it is odd. */
const MOST_TRIES = 20

/** What one request asks for, and who asks. */
export interface OffsetOrder {
  readonly requests: readonly OffsetRequest[]
  readonly by: string
  readonly idempotency: OffsetCommit['idempotency']
}

/**
 * Applies the owners' requests: those of one site one after another, each reckoned from the numbers displayed at its turn,
 * whole or not at all (contract section 5). In one process they wait for each other; what another process committed meanwhile
 * is told by the ledger, and then the request is reckoned anew.
 */
@Injectable()
export class OffsetWriter {
  private readonly turns = turnsOfProcess()

  constructor(
    @Inject(OFFSET_LEDGER) private readonly ledger: OffsetLedger,
    @Inject(OffsetBook) private readonly book: OffsetBook,
    @Inject(NumbersNow) private readonly now: NumbersNow,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The commit that made the entries, now or when the same `Idempotency-Key` came before. */
  create(site: Site, order: OffsetOrder): Promise<OffsetCommit> {
    return this.committing(site.id, async () => (await this.earlier(site.id, order)) ?? this.creation(site, order))
  }

  /** 404 when the site has no such entry; one that is reversed already stays as it is. */
  async reverse(site: Site, id: string, by: string): Promise<void> {
    await this.committing(site.id, async () => {
      const { commit, line } = await this.find(site.id, id)
      return this.book.reversal(site.id, id) === null ? this.reversal(site, { id, commit, line, by }) : commit
    })
  }

  /** Drafts a commit on what stands now and appends it, again and again until nobody came in between. */
  private committing(siteId: string, draft: () => Promise<OffsetCommit>): Promise<OffsetCommit> {
    return this.turns(siteId, async () => {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        await written(this.book.refresh(siteId))
        const commit = await draft()
        if (commit.revision <= this.book.revision(siteId)) return commit
        if (!(await written(this.ledger.append(commit)))) continue
        this.book.take(commit)
        return commit
      }
      throw new ProblemError(REGISTRY_AWAY)
    })
  }

  private async earlier(siteId: string, { idempotency }: OffsetOrder): Promise<OffsetCommit | undefined> {
    const known = idempotency === null ? undefined : this.book.committed(siteId, idempotency.key)
    if (known === undefined) return undefined
    if (known.bodyHash !== idempotency?.bodyHash) throw new ProblemError({ code: 'idempotency_conflict' })
    return this.commit(siteId, known.revision)
  }

  private async creation(site: Site, { requests, by, idempotency }: OffsetOrder): Promise<OffsetCommit> {
    const offsets = this.book.of(site.id)
    if (offsets === null) throw new ProblemError(REGISTRY_AWAY)
    const paths = new Set(requests.filter(({ field }) => field === 'views').map(({ path }) => path))
    const viewsOf = await this.now.views(site, paths, offsets)
    const { day, numbers } = await this.now.numbers(site, offsets)
    const draft = new OffsetDraft(numbers, viewsOf)
    const lines: OffsetLine[] = []
    await forEachInSlices(requests, (request) => {
      const line = draft.add(request)
      if (line === null) throw new ProblemError({ code: 'bad_field', field: 'add' })
      lines.push(line)
    })
    if (draft.breaksOrder) throw new ProblemError({ code: 'offset_breaks_order' })
    return this.next(site.id, { by, day, lines, reverses: null, idempotency })
  }

  private async reversal(
    site: Site,
    { id, commit, line, by }: { id: string; commit: OffsetCommit; line: OffsetLine; by: string },
  ): Promise<OffsetCommit> {
    const offsets = this.book.of(site.id)!
    const viewsOf = await this.now.views(site, new Set(line.field === 'views' ? [line.path] : []), offsets)
    const { day, numbers } = await this.now.numbers(site, offsets)
    const draft = new OffsetDraft(numbers, viewsOf)
    draft.takeBack(line, numbersHolding(line, commit.day, day, site.weekStart))
    if (draft.breaksOrder) throw new ProblemError({ code: 'offset_breaks_order' })
    return this.next(site.id, { by, day: commit.day, lines: [line], reverses: id, idempotency: null })
  }

  private next(siteId: string, what: Omit<OffsetCommit, 'siteId' | 'revision' | 'atMs'>): OffsetCommit {
    return { siteId, revision: this.book.revision(siteId) + 1, atMs: this.clock.now(), ...what }
  }

  private async find(siteId: string, id: string): Promise<{ commit: OffsetCommit; line: OffsetLine }> {
    const at = parseEntryId(id)
    const exists = at !== null && at.revision <= this.book.revision(siteId)
    const commit = exists ? await this.commit(siteId, at.revision) : undefined
    const line = commit?.reverses === null ? commit.lines[at!.place - 1] : undefined
    if (commit === undefined || line === undefined) throw new ProblemError({ code: 'route_not_found' })
    return { commit, line }
  }

  private async commit(siteId: string, revision: number): Promise<OffsetCommit> {
    const [commit] = await written(this.ledger.read(siteId, revision - 1))
    if (commit === undefined) throw new ProblemError(REGISTRY_AWAY)
    return commit
  }
}
