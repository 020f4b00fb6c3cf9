import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { isSameNumbers, type Snapshot } from '#domain'
import { type KeptNumbers, type KeptViews, type SiteStore, SNAPSHOT_STORE, type SnapshotStore } from '#ports'
import { RareLog } from './rare-log.js'
import { RecentMap } from './recent-map.js'

const SAVE_EVERY_MS = 2000
/** A snapshot whose numbers stand still is saved only this often for the sake of its `asOf`. */
const SAVE_UNCHANGED_EVERY_MS = 10_000
/** About 100 kB a site at most, in memory and on disk. */
const PATHS_PER_SITE = 1000

/** Views as the counters said them, and when they were read (the process's clock, ms). */
export interface RememberedViews extends KeptViews {
  readonly readAtMs: number
}

/** What is remembered of one site. */
class SiteMemory {
  snapshot: Snapshot | null = null
  readonly views = new RecentMap<string, RememberedViews>(PATHS_PER_SITE)
  /** The newest instant of which anything is known, ms; null = nothing ever was. */
  asOfMs: number | null = null
  savedAsOfMs = Number.NEGATIVE_INFINITY
  /** The first snapshot is written at once, that a death within the first 2 s does not make known numbers unknown again. */
  isFirstSaveAsked = false
  hasNewSnapshot = false
  hasNewViews = false
}

/**
 * The last known numbers of every site (contract section 4): in memory, and on the process's disk: the
 * first of a site at once, later ones within about 2 s.
 * A path without views is not kept, so that asking for invented paths drives no real ones out.
 */
@Injectable()
export class LastKnown implements OnModuleInit, BeforeApplicationShutdown, SiteStore {
  private readonly log = new RareLog('LastKnown')
  private readonly sites = new Map<string, SiteMemory>()
  /** To be removed from the disk with the next save. */
  private readonly forgotten = new Set<string>()
  private timer: NodeJS.Timeout | undefined
  private saving: Promise<void> = Promise.resolve()
  private isClosing = false

  constructor(@Inject(SNAPSHOT_STORE) private readonly store: SnapshotStore) {}

  async onModuleInit(): Promise<void> {
    try {
      for (const kept of await this.store.load()) this.recall(kept)
    } catch (error) {
      this.log.warn('The last known numbers cannot be read from disk', error)
    }
    this.timer = setInterval(() => void this.save(), SAVE_EVERY_MS)
  }

  /** The store's folder closes after the servers; until then requests are still answered. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    this.isClosing = true
    await this.save()
  }

  /** Also what a crash left of an erasure before it is gone from the disk then. */
  async eraseSite(siteId: string): Promise<void> {
    this.sites.delete(siteId)
    await this.saving
    await this.store.remove([siteId])
  }

  /** Forgets all sites but those: in memory now, on disk with the next save. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const siteId of this.sites.keys()) {
      if (isKept(siteId)) continue
      this.sites.delete(siteId)
      this.forgotten.add(siteId)
    }
  }

  snapshot(siteId: string): Snapshot | null {
    return this.sites.get(siteId)?.snapshot ?? null
  }

  views(siteId: string, path: string): RememberedViews | undefined {
    return this.sites.get(siteId)?.views.get(path)
  }

  /** The newest instant of which anything of the site is known, ms; null when nothing ever was. */
  asOfMs(siteId: string): number | null {
    return this.sites.get(siteId)?.asOfMs ?? null
  }

  keepSnapshot(siteId: string, snapshot: Snapshot): void {
    const memory = this.memory(siteId)
    const isNew = memory.snapshot === null || !isSameNumbers(memory.snapshot, snapshot)
    memory.hasNewSnapshot ||= isNew || snapshot.asOfMs - memory.savedAsOfMs >= SAVE_UNCHANGED_EVERY_MS
    memory.snapshot = snapshot
    noteTime(memory, snapshot.asOfMs)
    if (memory.isFirstSaveAsked || this.isClosing) return
    memory.isFirstSaveAsked = true
    void this.save()
  }

  keepViews(siteId: string, kept: RememberedViews): void {
    const memory = this.memory(siteId)
    noteTime(memory, kept.asOfMs)
    if (kept.views <= 0) return
    memory.hasNewViews ||= memory.views.get(kept.path)?.views !== kept.views
    memory.views.set(kept.path, kept)
  }

  /** Writes what changed, one write at a time; what could not be written goes with the next one. */
  save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveChanged())
    return this.saving
  }

  private async saveChanged(): Promise<void> {
    await this.removeForgotten()
    const changed = [...this.sites].filter(([, memory]) => memory.hasNewSnapshot || memory.hasNewViews)
    if (changed.length === 0) return
    const kept = changed.map(([siteId, memory]) => takeChanges(siteId, memory))
    try {
      await this.store.save(kept)
    } catch (error) {
      this.log.warn('The last known numbers cannot be written to disk', error)
      for (const { siteId, snapshot, views } of kept)
        this.markChanged(siteId, snapshot !== undefined, views !== undefined)
    }
  }

  private async removeForgotten(): Promise<void> {
    const siteIds = [...this.forgotten]
    if (siteIds.length === 0) return
    try {
      await this.store.remove(siteIds)
      for (const siteId of siteIds) this.forgotten.delete(siteId)
    } catch (error) {
      this.log.warn('The last known numbers of deleted sites cannot be removed from disk', error)
    }
  }

  private markChanged(siteId: string, snapshot: boolean, views: boolean): void {
    const memory = this.memory(siteId)
    memory.hasNewSnapshot ||= snapshot
    memory.hasNewViews ||= views
  }

  private recall({ siteId, snapshot, views = [] }: KeptNumbers): void {
    const memory = this.memory(siteId)
    if (snapshot !== undefined) {
      memory.snapshot = snapshot
      memory.savedAsOfMs = snapshot.asOfMs
      memory.isFirstSaveAsked = true
      noteTime(memory, snapshot.asOfMs)
    }
    for (const kept of views) {
      memory.views.set(kept.path, { ...kept, readAtMs: Number.NEGATIVE_INFINITY })
      noteTime(memory, kept.asOfMs)
    }
  }

  private memory(siteId: string): SiteMemory {
    let memory = this.sites.get(siteId)
    if (memory === undefined) this.sites.set(siteId, (memory = new SiteMemory()))
    return memory
  }
}

function noteTime(memory: SiteMemory, asOfMs: number): void {
  memory.asOfMs = Math.max(memory.asOfMs ?? Number.NEGATIVE_INFINITY, asOfMs)
}

function takeChanges(siteId: string, memory: SiteMemory): KeptNumbers {
  const { snapshot, hasNewSnapshot, hasNewViews } = memory
  memory.hasNewSnapshot = false
  memory.hasNewViews = false
  if (snapshot !== null && hasNewSnapshot) memory.savedAsOfMs = snapshot.asOfMs
  return {
    siteId,
    ...(snapshot !== null && hasNewSnapshot && { snapshot }),
    ...(hasNewViews && {
      views: [...memory.views.values()].map(({ path, views, asOfMs }) => ({ path, views, asOfMs })),
    }),
  }
}
