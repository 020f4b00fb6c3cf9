import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ProblemFilter } from '#http'
import { OFFSET_LEDGER, SITE_STORES, type SiteStore } from '#ports'
import { CONTROLLERS } from './api.controllers.js'
import { ApiService } from './api.service.js'
import { NumbersNow } from './offsets/numbers-now.js'
import { OffsetBook } from './offsets/offset-book.js'
import { OffsetList } from './offsets/offset-list.js'
import { OffsetWriter } from './offsets/offset-writer.js'
import { apiDocument } from './openapi/api-document.js'
import { API_DOCUMENT } from './openapi/openapi.controller.js'
import { RolesGuard } from './owner-door/roles.guard.js'
import { WebAssets } from './scripts/web-assets.js'
import { SiteEraser } from './sites/site-eraser.js'
import { CounterSource } from './widget/counter-source.js'
import { LastKnown } from './widget/last-known.js'
import { PathViews } from './widget/path-views.js'
import { SiteForgetter } from './widget/site-forgetter.js'
import { Snapshots } from './widget/snapshots.js'
import { StoreFallback } from './widget/store-fallback.js'
import { WidgetDoor } from './widget/widget.door.js'

/** COUNTERS and STORE -> WIDGET, and the owner's sites and keys. Adapters, the directory and the keys come from outside. */
@Module({
  controllers: CONTROLLERS,
  providers: [
    ApiService,
    CounterSource,
    LastKnown,
    NumbersNow,
    OffsetBook,
    OffsetList,
    OffsetWriter,
    PathViews,
    RolesGuard,
    SiteEraser,
    SiteForgetter,
    Snapshots,
    StoreFallback,
    WebAssets,
    WidgetDoor,
    { provide: API_DOCUMENT, useFactory: () => JSON.stringify(apiDocument()) },
    { provide: APP_FILTER, useClass: ProblemFilter },
    // What keeps something of a site that is not made of the log goes in here, so that a deletion reaches it.
    { provide: SITE_STORES, inject: [LastKnown, OFFSET_LEDGER], useFactory: (...stores: SiteStore[]) => stores },
  ],
  exports: [ApiService, WebAssets, WidgetDoor],
})
export class ApiModule {}
