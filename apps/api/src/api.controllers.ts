import type { Type } from '@nestjs/common'
import { OffsetsController } from './offsets/offsets.controller.js'
import { OpenApiController } from './openapi/openapi.controller.js'
import { ScriptsController } from './scripts/scripts.controller.js'
import { KeysController } from './sites/keys.controller.js'
import { SitesController } from './sites/sites.controller.js'

/** All Nest routes of the api, in the order of the API document. */
export const CONTROLLERS: Type[] = [
  ScriptsController,
  SitesController,
  KeysController,
  OffsetsController,
  OpenApiController,
]
