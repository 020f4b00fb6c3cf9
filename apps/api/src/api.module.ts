import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { ProblemFilter } from '#http'
import { ApiService } from './api.service.js'
import { NumbersNow } from './offsets/numbers-now.js'
import { OffsetBook } from './offsets/offset-book.js'
import { OffsetList } from './offsets/offset-list.js'
import { OffsetWriter } from './offsets/offset-writer.js'
import { OffsetsController } from './offsets/offsets.controller.js'
import { RolesGuard } from './owner-door/roles.guard.js'
import { ScriptsController } from './scripts/scripts.controller.js'
import { WebAssets } from './scripts/web-assets.js'
import { KeysController } from './sites/keys.controller.js'
import { SitesController } from './sites/sites.controller.js'
import { CounterSource } from './widget/counter-source.js'
import { LastKnown } from './widget/last-known.js'
import { PathViews } from './widget/path-views.js'
import { Snapshots } from './widget/snapshots.js'
import { StoreFallback } from './widget/store-fallback.js'
import { WidgetDoor } from './widget/widget.door.js'

/** COUNTERS and STORE -> WIDGET, and the owner's sites and keys. Adapters, the directory and the keys come from outside. */
@Module({
  controllers: [SitesController, KeysController, OffsetsController, ScriptsController],
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
    Snapshots,
    StoreFallback,
    WebAssets,
    WidgetDoor,
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [ApiService, WebAssets, WidgetDoor],
})
export class ApiModule {}
