import { Inject, Injectable } from '@nestjs/common'
import { createAddressMatcher, createPathCache, hostAllowed, type Page, type Site } from '#domain'
import { CLIENT_FACTS, type ClientFactsReader } from '#ports'
import type { Sighting } from './sighting.js'
import type { DropReason, Verdict } from './verdict.js'

/** Addresses of pages remembered, twice over. */
const CACHED_PAGES = 8192

/** Keep or drop: the rules of contract section 2 from `host_not_allowed` to the drop reasons, the same at every door. */
@Injectable()
export class EventJudge {
  private readonly pageOf = createPathCache(CACHED_PAGES)
  /** A site's list is one array for as long as the directory holds the site. */
  private readonly excluded = new WeakMap<readonly string[], (address: string) => boolean>()

  constructor(@Inject(CLIENT_FACTS) private readonly clientFacts: ClientFactsReader) {}

  judge(sighting: Sighting, site: Site): Verdict {
    const page = this.pageFor(sighting, site)
    if (page !== null && !hostAllowed(page.host, site.hosts)) return { problem: { code: 'host_not_allowed' } }
    const bot = sighting.automated || this.clientFacts.isCrawler(sighting.reader.userAgent)
    const dropped = this.dropReason(sighting, site, bot)
    return dropped === null ? { kept: { sighting, site, page, bot } } : { dropped }
  }

  /** Null on heartbeat and leave. The doors took only URLs that parse. */
  private pageFor({ said }: Sighting, site: Site): Page | null {
    return said.url === '' ? null : this.pageOf(said.url, site.pageQueryKeys)
  }

  /** The first of the closed list that applies. */
  private dropReason(sighting: Sighting, site: Site, bot: boolean): DropReason | null {
    if (bot && site.bots === 'drop') return 'bot'
    if (sighting.prefetch) return 'prefetch'
    return this.isExcluded(site.excludedAddresses, sighting.reader.address) ? 'excluded' : null
  }

  private isExcluded(addresses: readonly string[], address: string): boolean {
    if (addresses.length === 0) return false
    let matches = this.excluded.get(addresses)
    if (matches === undefined) this.excluded.set(addresses, (matches = createAddressMatcher(addresses)))
    return matches(address)
  }
}
