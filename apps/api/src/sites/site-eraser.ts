import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { encodeEvent, eraseEvent } from '#domain'
import { errorTrace } from '#http'
import {
  CLOCK,
  type Clock,
  EVENT_LOG,
  type EventLog,
  SITE_REGISTRY,
  SITE_STORES,
  type SiteRegistry,
  type SiteStore,
  type Tombstone,
} from '#ports'

/**
 * By then every process has seen that the site is gone (each reads the registry every second) and what it had taken before
 * is in the log.
 */
const LAST_ERASE_AFTER_MS = 5000
/** A tombstone of another process, or an erasure that failed, is looked for this often. */
const LOOK_EVERY_MS = 30_000
const TRY_AGAIN_MS = 5000

/**
 * Erases deleted sites from everything but the registry's tombstone (contract section 5, DELETE). The tombstone is the
 * durable intention: it is open until all is erased, so what a crash cut off is done by the next start. Erasures go
 * through the log, so that counters and store drop the site between what came before it and what came after.
 */
@Injectable()
export class SiteEraser implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Sites')
  private timer: NodeJS.Timeout | undefined
  private working: Promise<void> = Promise.resolve()
  /** A round that has not begun: who asks for one meanwhile gets that. */
  private ahead: Promise<void> | undefined
  /** Sites whose first erase is in the log; the last one follows when it is due. */
  private readonly begun = new Set<string>()
  private stopped = false

  constructor(
    @Inject(SITE_REGISTRY) private readonly registry: SiteRegistry,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(SITE_STORES) private readonly stores: readonly SiteStore[],
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    void this.erase()
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.working
  }

  /** Begins, or goes on, with all deleted sites, and comes back to those that are not done; resolves after this round. */
  erase(): Promise<void> {
    this.ahead ??= this.working = this.working.then(() => this.round())
    return this.ahead
  }

  private async round(): Promise<void> {
    this.ahead = undefined
    if (this.stopped) return
    let againInMs = LOOK_EVERY_MS
    try {
      for (const tombstone of await this.registry.unerased()) {
        againInMs = Math.min(againInMs, await this.eraseOne(tombstone))
      }
    } catch (error) {
      this.logger.warn(`Deleted sites cannot be erased now, trying again: ${errorTrace(error)}`)
      againInMs = TRY_AGAIN_MS
    }
    clearTimeout(this.timer)
    if (!this.stopped) this.timer = setTimeout(() => void this.erase(), againInMs)
  }

  /** Resolves to when to come back to the site, ms; not sooner than for others when it is done. */
  private async eraseOne({ siteId, deletedAtMs }: Tombstone): Promise<number> {
    const nowMs = this.clock.now()
    const leftMs = deletedAtMs + LAST_ERASE_AFTER_MS - nowMs
    if (leftMs > 0 && this.begun.has(siteId)) return leftMs
    await this.log.append([{ site: siteId, bytes: encodeEvent(eraseEvent(siteId, nowMs)) }])
    for (const store of this.stores) await store.eraseSite(siteId)
    this.begun.add(siteId)
    if (leftMs > 0) return leftMs
    await this.registry.finishErasure(siteId, nowMs)
    this.begun.delete(siteId)
    return LOOK_EVERY_MS
  }
}
