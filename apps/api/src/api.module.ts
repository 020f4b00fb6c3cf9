import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ProblemFilter } from '#http'
import { SITE_STORES, type SiteStore } from '#ports'
import { ApiService } from './api.service.js'
import { RolesGuard } from './owner-door/roles.guard.js'
import { ScriptsController } from './scripts/scripts.controller.js'
import { WebAssets } from './scripts/web-assets.js'
import { KeysController } from './sites/keys.controller.js'
import { SiteEraser } from './sites/site-eraser.js'
import { SitesController } from './sites/sites.controller.js'
import { CounterSource } from './widget/counter-source.js'
import { LastKnown } from './widget/last-known.js'
import { PathViews } from './widget/path-views.js'
import { SiteForgetter } from './widget/site-forgetter.js'
import { Snapshots } from './widget/snapshots.js'
import { StoreFallback } from './widget/store-fallback.js'
import { WidgetDoor } from './widget/widget.door.js'

/** COUNTERS and STORE -> WIDGET, and the owner's sites and keys. Adapters, the directory and the keys come from outside. */
@Module({
  controllers: [SitesController, KeysController, ScriptsController],
  providers: [
    ApiService,
    CounterSource,
    LastKnown,
    PathViews,
    RolesGuard,
    SiteEraser,
    SiteForgetter,
    Snapshots,
    StoreFallback,
    WebAssets,
    WidgetDoor,
    { provide: APP_FILTER, useClass: ProblemFilter },
    // What keeps something of a site that is not made of the log goes in here, so that a deletion reaches it.
    { provide: SITE_STORES, inject: [], useFactory: (...stores: SiteStore[]) => stores },
  ],
  exports: [ApiService, WidgetDoor],
})
export class ApiModule {}
