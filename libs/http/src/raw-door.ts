import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * A door that answers on the bare request, in front of the framework, because its path is hot (docs/performance.md).
 * Returns false when the request is not for it; then nothing was read or written.
 */
export interface RawDoor {
  handle(req: IncomingMessage, res: ServerResponse): boolean
}
