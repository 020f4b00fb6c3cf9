import { Inject, Injectable } from '@nestjs/common'
import { networkOf, type ServerEvent, validateServerEvent } from '#domain'
import { type SiteAnswer, SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { EventJudge } from '../event/event.judge.js'
import { EventMaker } from '../event/event-maker.js'
import { LogWriter } from '../event/log-writer.js'
import { Outcomes } from '../event/outcomes.js'
import type { Sighting } from '../event/sighting.js'
import type { Verdict } from '../event/verdict.js'
import type { EventsAccess } from './events.access.js'
import { EventsBatch } from './events-batch.js'

/** SERVER EVENT -> EVENT -> LOG (contract section 3). The request's own headers say nothing of the reader. */
@Injectable()
export class EventsIntake {
  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(EventJudge) private readonly eventJudge: EventJudge,
    @Inject(EventMaker) private readonly maker: EventMaker,
    @Inject(LogWriter) private readonly writer: LogWriter,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
  ) {}

  /** For the lines of one request. */
  open(access: EventsAccess): EventsBatch {
    const sites = new RequestSites(this.directory)
    const judge = (item: unknown, receivedAtMs: number) => this.judge(item, access, receivedAtMs, sites)
    return new EventsBatch(judge, this.maker, this.writer, this.outcomes)
  }

  private async judge(
    item: unknown,
    access: EventsAccess,
    receivedAtMs: number,
    sites: RequestSites,
  ): Promise<Verdict | 'unknowable'> {
    const checked = validateServerEvent(item, access.siteId ?? siteIdOf(item), receivedAtMs)
    if (!checked.ok) return checked
    const site = await sites.find(checked.value.siteId, receivedAtMs)
    if (site === 'unknowable') return site
    if (site === 'not_found') return { problem: { code: 'site_not_found' } }
    return this.eventJudge.judge(sightingOf(checked.value, receivedAtMs), site)
  }
}

/**
 * Sites as the lines of one request name them. An unknown one waits for a reading of the registry that begins after it
 * came; that reading answers for all lines that had come by then, so that 1,000 unknown sites do not wait 1,000 times.
 */
class RequestSites {
  private readUpToMs = Number.NEGATIVE_INFINITY

  constructor(private readonly directory: SiteDirectory) {}

  async find(siteId: string, receivedAtMs: number): Promise<SiteAnswer> {
    const known = this.directory.site(siteId)
    if (known !== undefined) return known
    if (receivedAtMs <= this.readUpToMs) return 'not_found'
    const answer = await this.directory.find(siteId)
    if (answer === 'not_found') this.readUpToMs = receivedAtMs
    return answer
  }
}

/** With the admin key an event is of the site that it names. */
function siteIdOf(item: unknown): string {
  const { site } = Object(item) as { site?: unknown }
  return typeof site === 'string' ? site : ''
}

function sightingOf(event: ServerEvent, receivedAtMs: number): Sighting {
  const { address, userAgent, visitor: visitorName } = event
  return {
    said: event,
    reader: { address, network: networkOf(address), userAgent, visitorName },
    receivedAtMs,
    atMs: event.atMs,
    idAtMs: event.atMs,
    anonymous: event.privacy || (address === '' && userAgent === '' && visitorName === ''),
    automated: false,
    prefetch: false,
  }
}
