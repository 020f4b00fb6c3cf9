import { localDay, type Site } from '#domain'
import { RecentMap } from './recent-map.js'
import { isShowable, type KnownSnapshot } from './snapshots.js'
import type { PreparedAnswer } from './widget-answer.js'

/** Forms have parameters, so one site has many addresses; those asked for last are kept. */
const MOST_FORMS = 1000
/** No form needs more; a longer address was blown up, and would be kept with its answer. */
const LONGEST_FORM_ADDRESS = 128

/** The numbers of one site as an address asks for them. */
interface SharedAnswer {
  readonly siteId: string
  readonly prepared: PreparedAnswer
  readonly timeZone: string
  readonly day: number
  readonly readAtMs: number
  isCurrent(): boolean
}

/** Answers that were written once for all who ask within half a second of their reading, by address. */
export class SharedAnswers {
  private readonly numbers = new Map<string, SharedAnswer>()
  private readonly forms = new RecentMap<string, SharedAnswer>(MOST_FORMS)

  /** The answer for an address as it was sent, if it may still be shown. */
  get(address: string, nowMs: number): PreparedAnswer | undefined {
    const shared = this.numbers.get(address) ?? this.forms.get(address)
    return shared?.isCurrent() && isShowable(shared, shared.timeZone, nowMs) ? shared.prepared : undefined
  }

  /** Keeps the numbers of a site, asked for without parameters. */
  keepNumbers(site: Site, known: KnownSnapshot, prepared: PreparedAnswer): void {
    this.numbers.set(`/w/${site.id}.json`, sharedOf(site, known, prepared))
  }

  /** Forgets all sites but those. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const [address, { siteId }] of this.numbers) if (!isKept(siteId)) this.numbers.delete(address)
    for (const [address, { siteId }] of this.forms.all()) if (!isKept(siteId)) this.forms.delete(address)
  }

  /** Keeps a form. */
  keepForm(address: string, site: Site, known: KnownSnapshot, prepared: PreparedAnswer): void {
    if (address.length <= LONGEST_FORM_ADDRESS) this.forms.set(address, sharedOf(site, known, prepared))
  }
}

function sharedOf(site: Site, { readAtMs, isCurrent }: KnownSnapshot, prepared: PreparedAnswer): SharedAnswer {
  const { id: siteId, timeZone } = site
  return { siteId, prepared, timeZone, day: localDay(timeZone, Math.floor(readAtMs / 1000)), readAtMs, isCurrent }
}
