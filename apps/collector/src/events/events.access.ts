import { Inject, Injectable } from '@nestjs/common'
import type { Problem } from '#domain'
import { hashOfKey, SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { bearerToken } from '#http'
import { COLLECTOR_OPTIONS, type CollectorOptions } from '../collector-options.js'
import { LOG_UNAVAILABLE } from '../event/verdict.js'

/** Whose events a key may send: one site's, or any site's (null; the admin key). */
export interface EventsAccess {
  readonly siteId: string | null
}

/** Who may use `/v1/events` (contract sections 3 and 5): an ingest key for its site, the admin key for all. */
@Injectable()
export class EventsAccessReader {
  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(COLLECTOR_OPTIONS) private readonly options: CollectorOptions,
  ) {}

  /** `unauthorized` without a known key, `forbidden` for one of another role; 503 while that cannot be known. */
  async read(authorization: string | undefined): Promise<EventsAccess | { readonly problem: Problem }> {
    const text = bearerToken(authorization)
    if (text === null) return { problem: { code: 'unauthorized' } }
    if (hashOfKey(text) === this.options.adminKeyHash) return { siteId: null }
    const key = await this.directory.findKey(text)
    if (key === undefined) return { problem: this.directory.isRead ? { code: 'unauthorized' } : LOG_UNAVAILABLE }
    return key.role === 'ingest' ? { siteId: key.siteId } : { problem: { code: 'forbidden' } }
  }
}
