import type { OffsetCommit, OffsetLedger } from '#ports'
import { Fault } from './faulty-adapters.js'

/** An offset ledger in memory, shared by all who have it. */
export class MemoryOffsets implements OffsetLedger {
  readonly fault = new Fault()
  private readonly sites = new Map<string, readonly OffsetCommit[]>()

  async heads(): Promise<ReadonlyMap<string, number>> {
    await this.fault.pass()
    return new Map([...this.sites].map(([siteId, commits]) => [siteId, commits.length]))
  }
  async read(siteId: string, afterRevision: number): Promise<readonly OffsetCommit[]> {
    await this.fault.pass()
    return structuredClone((this.sites.get(siteId) ?? []).slice(afterRevision, afterRevision + 25))
  }
  async append(commit: OffsetCommit): Promise<boolean> {
    await this.fault.pass()
    const commits = this.sites.get(commit.siteId) ?? []
    if (commit.revision !== commits.length + 1) return false
    this.sites.set(commit.siteId, [...commits, structuredClone(commit)])
    return true
  }
  async eraseSite(siteId: string): Promise<void> {
    await this.fault.pass()
    this.sites.delete(siteId)
  }
}
