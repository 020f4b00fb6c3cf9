import { Inject, Injectable } from '@nestjs/common'
import { type Beacon, type Checked, type Event, type Problem, uuidTimeMs, validateBeacon } from '#domain'
import { type SiteAnswer, SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { RateLimiter } from '#http'
import { EventJudge } from '../event/event.judge.js'
import { EventMaker } from '../event/event-maker.js'
import { LogWriter } from '../event/log-writer.js'
import { Outcomes } from '../event/outcomes.js'
import type { Reader, Sighting } from '../event/sighting.js'
import { type Draft, LOG_UNAVAILABLE, type Verdict } from '../event/verdict.js'

/** What a request says of all its beacons. */
export interface BeaconRequest {
  readonly reader: Reader
  /** `Sec-GPC: 1` or `DNT: 1`. */
  readonly privacy: boolean
  readonly prefetch: boolean
}

/** `204` with the value of `Truycap-Dropped` ('' = no such header), or the problem of the whole request. */
export type BeaconAnswer = { readonly dropped: string } | { readonly problem: Problem }

type ItemVerdict = Verdict | 'unknowable'

/** Bit 0 of `b`. */
const WEBDRIVER = 1

/** BEACON -> EVENT -> LOG: each item is judged alone up to `drop`, then all that is keepable is kept together or not at all. */
@Injectable()
export class BeaconIntake {
  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(EventJudge) private readonly eventJudge: EventJudge,
    @Inject(EventMaker) private readonly maker: EventMaker,
    @Inject(LogWriter) private readonly writer: LogWriter,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(Outcomes) private readonly outcomes: Outcomes,
  ) {}

  /**
   * Takes the items of one request (contract section 2) and gives its answer, as a promise when it has to wait: 204 if any
   * was kept durably or dropped, else the first item's error; 429 and 503 are of the whole request, and nothing of it is
   * kept then. The receipt is taken once per request, ms.
   */
  take(items: readonly unknown[], request: BeaconRequest, receivedAtMs: number): BeaconAnswer | Promise<BeaconAnswer> {
    const beacons = items.map((item) => validateBeacon(item))
    const unknown = this.unknownSites(beacons)
    if (unknown === null) return this.takeFrom(beacons, request, receivedAtMs, null)
    return this.findSites(unknown).then((found) => this.takeFrom(beacons, request, receivedAtMs, found))
  }

  /** While the log is at work only the answer is held on to: what it was made of would outlive several garbage collections. */
  private takeFrom(
    beacons: readonly Checked<Beacon>[],
    request: BeaconRequest,
    receivedAtMs: number,
    found: ReadonlyMap<string, SiteAnswer> | null,
  ): BeaconAnswer | Promise<BeaconAnswer> {
    const verdicts = beacons.map((beacon) => this.judge(beacon, request, receivedAtMs, found))
    const drafts = draftsOf(verdicts)
    // An item of a site that cannot be known keeps the others out: a retry brings all of them again.
    const refusal =
      this.rateProblem(drafts, request.reader.network, receivedAtMs) ??
      (verdicts.includes('unknowable') ? LOG_UNAVAILABLE : null)
    const events = refusal === null ? this.make(drafts) : []
    const writing = events === null || events.length === 0 ? null : this.writer.write(events)
    this.countOthers(verdicts)
    const answer = answerOf(verdicts)
    const keepable = drafts.length
    if (writing === null) return this.ended(answer, keepable, events === null ? LOG_UNAVAILABLE : refusal)
    return writing.then((isDurable) => this.ended(answer, keepable, isDurable ? null : LOG_UNAVAILABLE))
  }

  /** Counts what could be kept as what became of it; null = durable. */
  private ended(answer: BeaconAnswer, keepable: number, refusal: Problem | null): BeaconAnswer {
    this.outcomes.count(refusal?.code ?? 'kept', keepable)
    return refusal === null ? answer : { problem: refusal }
  }

  /** Null when all are known, as they nearly always are. */
  private unknownSites(beacons: readonly Checked<Beacon>[]): Set<string> | null {
    let unknown: Set<string> | null = null
    for (const beacon of beacons) {
      if (beacon.ok && this.directory.site(beacon.value.siteId) === undefined) {
        unknown = (unknown ?? new Set()).add(beacon.value.siteId)
      }
    }
    return unknown
  }

  /** They wait for the registry's next refresh together. */
  private async findSites(siteIds: ReadonlySet<string>): Promise<Map<string, SiteAnswer>> {
    const answers = await Promise.all([...siteIds].map((siteId) => this.directory.find(siteId)))
    return new Map([...siteIds].map((siteId, i) => [siteId, answers[i]!]))
  }

  private judge(
    beacon: Checked<Beacon>,
    request: BeaconRequest,
    receivedAtMs: number,
    found: ReadonlyMap<string, SiteAnswer> | null,
  ): ItemVerdict {
    if (!beacon.ok) return beacon
    const { siteId } = beacon.value
    const site = found?.get(siteId) ?? this.directory.site(siteId) ?? 'not_found'
    if (site === 'unknowable') return site
    if (site === 'not_found') return { problem: { code: 'site_not_found' } }
    return this.eventJudge.judge(sightingOf(beacon.value, request, receivedAtMs), site)
  }

  /** One token for each keepable item, of the bucket of its (address, site); all or none. */
  private rateProblem(drafts: readonly Draft[], network: string, nowMs: number): Problem | null {
    if (this.limiter.off || drafts.length === 0) return null
    const retryAfter =
      drafts.length === 1
        ? this.limiter.takeOne(`${drafts[0]!.site.id} ${network}`, nowMs)
        : this.limiter.take(tokensWanted(drafts, network), nowMs)
    return retryAfter === 0 ? null : { code: 'rate_limited', retryAfter }
  }

  /** Null when one of them cannot be made now. */
  private make(drafts: readonly Draft[]): Event[] | null {
    const events: Event[] = []
    for (const draft of drafts) {
      const event = this.maker.make(draft)
      if (event === null) return null
      events.push(event)
    }
    return events
  }

  /** Those that cannot be kept, whatever becomes of the others. */
  private countOthers(verdicts: readonly ItemVerdict[]): void {
    for (const verdict of verdicts) {
      if (verdict === 'unknowable') this.outcomes.count(LOG_UNAVAILABLE.code)
      else if (!verdict.kept) this.outcomes.count(verdict.dropped ?? verdict.problem.code)
    }
  }
}

function sightingOf(beacon: Beacon, request: BeaconRequest, receivedAtMs: number): Sighting {
  return {
    said: beacon,
    reader: request.reader,
    receivedAtMs,
    atMs: receivedAtMs - beacon.ageMs,
    idAtMs: uuidTimeMs(beacon.id),
    anonymous: request.privacy || beacon.privacy,
    automated: request.reader.userAgent === '' || (beacon.hints & WEBDRIVER) !== 0,
    prefetch: request.prefetch,
  }
}

function tokensWanted(drafts: readonly Draft[], network: string): Map<string, number> {
  const wanted = new Map<string, number>()
  for (const { site } of drafts) {
    const key = `${site.id} ${network}`
    wanted.set(key, (wanted.get(key) ?? 0) + 1)
  }
  return wanted
}

function draftsOf(verdicts: readonly ItemVerdict[]): Draft[] {
  const drafts: Draft[] = []
  for (const verdict of verdicts) if (verdict !== 'unknowable' && verdict.kept) drafts.push(verdict.kept)
  return drafts
}

/** Of a request that met neither 429 nor 503. */
function answerOf(verdicts: readonly ItemVerdict[]): BeaconAnswer {
  const reasons = new Set<string>()
  let first: Problem | null = null
  let refused = 0
  for (const verdict of verdicts) {
    if (verdict === 'unknowable' || verdict.kept) continue
    if (verdict.problem === undefined) reasons.add(verdict.dropped)
    else {
      first ??= verdict.problem
      refused++
      reasons.add('invalid')
    }
  }
  if (first !== null && refused === verdicts.length) return { problem: first }
  return { dropped: [...reasons].sort().join(',') }
}
