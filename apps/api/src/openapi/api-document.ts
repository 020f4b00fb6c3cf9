import { type Json, INTAKE_OPERATIONS, openApiDocument, type Operation } from '#http'
import { CONTROLLERS } from '../api.controllers.js'
import { WIDGET_OPERATIONS } from '../widget/widget.operations.js'
import { operationsOf } from './describe.js'

const INFO = {
  title: 'Truycap',
  version: '1',
  description:
    'Visitor analytics for websites. Every error is `application/problem+json` with `status`, `code`, `detail` and, where one ' +
    'is to blame, `field`. A method that an address does not have is 405 with `Allow`.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

/** All operations of all doors, those of the collector too. */
export function apiOperations(): Operation[] {
  return [...INTAKE_OPERATIONS, ...WIDGET_OPERATIONS, ...operationsOf(CONTROLLERS)]
}

/** The API document; throws when a handler is not described. */
export function apiDocument(): Json {
  return openApiDocument(apiOperations(), INFO)
}
