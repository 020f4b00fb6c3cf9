import { Inject, Injectable } from '@nestjs/common'
import {
  createReferrerCache,
  entryOf,
  type Event,
  type EventFacts,
  localDay,
  ONLINE_DAY_SHIFT_SECONDS,
  visitorHash,
  visitorHashOfName,
} from '#domain'
import { CLIENT_FACTS, type ClientFactsReader, SALTS, type Salts } from '#ports'
import type { Sighting } from './sighting.js'
import type { Draft } from './verdict.js'

/** Older than this at receipt is not online (contract section 1, đang online). */
const ONLINE_MAX_AGE_MS = 3_600_000
/** Referrers remembered, twice over. */
const CACHED_REFERRERS = 4096

/** The two hashes of an event; undefined = the salt of their day is lacking. */
interface Hashes {
  readonly visitor: Uint8Array | null | undefined
  readonly onlineId: Uint8Array | null | undefined
}

const NO_HASHES: Hashes = { visitor: null, onlineId: null }

/**
 * Stamps what depends on the clock, the site's settings, the address or the User-Agent, once and for good (contract
 * section 1, Time): the only place that knows those rules. All that follows is a pure function of the log.
 */
@Injectable()
export class EventMaker {
  private readonly referrerHost = createReferrerCache(CACHED_REFERRERS)

  constructor(
    @Inject(SALTS) private readonly salts: Salts,
    @Inject(CLIENT_FACTS) private readonly clientFacts: ClientFactsReader,
  ) {}

  /** Null when the salt of a day that it needs is lacking: then nobody may be counted (contract section 1, Visitor). */
  make(draft: Draft): Event | null {
    const { sighting, site, page } = draft
    const { said } = sighting
    const t = Math.floor(sighting.atMs / 1000)
    const day = localDay(site.timeZone, t)
    const { visitor, onlineId } = sighting.anonymous ? NO_HASHES : this.hashes(draft, t, day)
    if (visitor === undefined || onlineId === undefined) return null
    return {
      type: said.type,
      site: site.id,
      id: said.id,
      idAtMs: sighting.idAtMs,
      receivedAtMs: sighting.receivedAtMs,
      t,
      day,
      visitor,
      onlineId,
      visitTimeout: site.visitTimeoutSeconds,
      entry: said.type === 'view' && visitor === null && entryOf(said.referrer, page?.host ?? '', site.hosts),
      path: page?.path ?? '',
      facts: this.facts(draft),
    }
  }

  /** From 04:00 to midnight the online day is the local day, and one hash is both. */
  private hashes({ sighting, site }: Draft, t: number, day: number): Hashes {
    const visitor = this.hash(sighting, site.id, day)
    if (sighting.receivedAtMs - sighting.atMs > ONLINE_MAX_AGE_MS) return { visitor, onlineId: null }
    const onlineDay = localDay(site.timeZone, t - ONLINE_DAY_SHIFT_SECONDS)
    return { visitor, onlineId: onlineDay === day ? visitor : this.hash(sighting, site.id, onlineDay) }
  }

  private hash({ reader }: Sighting, siteId: string, day: number): Uint8Array | undefined {
    const salt = this.salts.saltOf(day)
    if (salt === null) return undefined
    if (reader.visitorName !== '') return visitorHashOfName(salt, siteId, reader.visitorName)
    return visitorHash(salt, siteId, reader.network, reader.userAgent)
  }

  private facts({ sighting, page, bot }: Draft): EventFacts {
    const { said, reader } = sighting
    const client = this.clientFacts.userAgentFacts(reader.userAgent)
    return {
      host: page?.host ?? '',
      title: said.title,
      referrerHost: this.referrerHost(said.referrer),
      language: said.language,
      zone: said.zone ?? '',
      width: said.width ?? 0,
      country: this.clientFacts.country(reader.address),
      browser: client.browser,
      system: client.system,
      device: client.device,
      bot,
      name: said.name,
      props: said.props,
      engagedSeconds: said.engagedSeconds ?? 0,
    }
  }
}
