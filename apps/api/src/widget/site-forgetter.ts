import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { LastKnown } from './last-known.js'
import { PathViews } from './path-views.js'
import { Snapshots } from './snapshots.js'
import { StoreFallback } from './store-fallback.js'
import { WidgetDoor } from './widget.door.js'

const EVERY_MS = 2000

/**
 * Drops what this process remembers of sites that are no more, in memory and on its disk (contract section 5, DELETE):
 * each process for itself, whichever of them deleted the site, and also what was deleted while it did not run.
 */
@Injectable()
export class SiteForgetter implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined

  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(LastKnown) private readonly lastKnown: LastKnown,
    @Inject(PathViews) private readonly pathViews: PathViews,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(StoreFallback) private readonly storeFallback: StoreFallback,
    @Inject(WidgetDoor) private readonly widgetDoor: WidgetDoor,
  ) {}

  onApplicationBootstrap(): void {
    this.forget()
    this.timer = setInterval(() => this.forget(), EVERY_MS)
  }

  onModuleDestroy(): void {
    clearInterval(this.timer)
  }

  /** Nothing, until the registry itself was read: what the disk knows of sites may be older than what it knows of numbers. */
  forget(): void {
    if (!this.directory.isRead) return
    const isKept = (siteId: string): boolean => this.directory.site(siteId) !== undefined
    for (const memory of [this.lastKnown, this.pathViews, this.snapshots, this.storeFallback, this.widgetDoor]) {
      memory.keepOnly(isKept)
    }
  }
}
