import type { IncomingMessage, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { localDay, numbersOf, pathOfParameter, type Problem, type Site, viewsAnswer, widgetAnswer } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { errorTrace, type RawDoor, sendProblem } from '#http'
import { METRICS, type Metrics } from '#metrics'
import { CLOCK, type Clock } from '#ports'
import { PathViews } from './path-views.js'
import { isShowable, type KnownSnapshot, Snapshots } from './snapshots.js'
import { type PreparedAnswer, prepare, sendPrepared } from './widget-answer.js'
import { askedPaths, isSiteId, type WidgetTarget, widgetTarget } from './widget-request.js'

const METHODS = 'GET, HEAD, OPTIONS'
const CORS = { 'access-control-allow-origin': '*' }
/** Nothing is known now; the counters and the store are tried again every few seconds. */
const UNKNOWN: Problem = { code: 'numbers_unknown', retryAfter: 5 }

/** The numbers of one site without parameters, written once for all who ask within half a second. */
interface PlainAnswer {
  readonly siteId: string
  readonly prepared: PreparedAnswer
  readonly timeZone: string
  readonly day: number
  readonly readAtMs: number
}

/** `GET /w/{site}.json` and `GET /w/{site}/views` (contract section 4) on the bare request, since every page view reads it. */
@Injectable()
export class WidgetDoor implements RawDoor {
  private readonly logger = new Logger('Widget')
  private readonly plain = new Map<string, PlainAnswer>()

  constructor(
    @Inject(SITE_DIRECTORY) private readonly directory: SiteDirectory,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(PathViews) private readonly pathViews: PathViews,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const url = req.url ?? ''
    if (!url.startsWith('/w/')) return false
    if (req.method === 'GET' && this.answerPlain(url, req, res)) return true
    const target = widgetTarget(url)
    if (target === null) return false
    this.judge(target, req, res).catch((error: unknown) => {
      this.logger.error(errorTrace(error))
      this.refuse(res, { code: 'internal' })
    })
    return true
  }

  /** Forgets all sites but those. */
  keepOnly(isKept: (siteId: string) => boolean): void {
    for (const [url, { siteId }] of this.plain) if (!isKept(siteId)) this.plain.delete(url)
  }

  private answerPlain(url: string, req: IncomingMessage, res: ServerResponse): boolean {
    const plain = this.plain.get(url)
    if (plain === undefined || !isShowable(plain, plain.timeZone, this.clock.now())) return false
    this.send(req, res, plain.prepared)
    return true
  }

  /** 405, 400, 404, 503, in this order. */
  private async judge(target: WidgetTarget, req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method === 'OPTIONS') return this.answerPreflight(res)
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      return this.refuse(res, { code: 'method_not_allowed' }, { allow: METHODS })
    }
    const asked = askedPaths(target.kind, target.query)
    if ('problem' in asked) return this.refuse(res, asked.problem)
    const site = isSiteId(target.siteId) ? await this.directory.find(target.siteId) : 'not_found'
    if (site === 'not_found') return this.refuse(res, { code: 'site_not_found' })
    if (site === 'unknowable') return this.refuse(res, UNKNOWN)
    const prepared = await (target.kind === 'views'
      ? this.views(site, asked.paths)
      : this.numbers(site, asked.paths[0]))
    if (prepared === null) return this.refuse(res, UNKNOWN)
    this.send(req, res, prepared)
  }

  private numbers(site: Site, p: string | undefined): Promise<PreparedAnswer | null> {
    return p === undefined ? this.plainNumbers(site) : this.numbersWithViews(site, p)
  }

  private async plainNumbers(site: Site): Promise<PreparedAnswer | null> {
    const known = await this.snapshots.of(site)
    if (known === null) return null
    const prepared = prepare(widgetAnswer(site, numbersOf(known.snapshot, site), stateOf(known)), known.stale)
    const { timeZone } = site
    const day = localDay(timeZone, Math.floor(known.readAtMs / 1000))
    this.plain.set(`/w/${site.id}.json`, { siteId: site.id, prepared, timeZone, day, readAtMs: known.readAtMs })
    return prepared
  }

  private async numbersWithViews(site: Site, p: string): Promise<PreparedAnswer | null> {
    const path = pathOfParameter(p, site.pageQueryKeys)!
    const [known, viewed] = await Promise.all([this.snapshots.of(site), this.pathViews.of(site.id, [path])])
    if (known === null) return null
    const views = viewed?.views.get(path)
    const stale = known.stale || viewed === null || viewed.stale
    const asOfMs = Math.min(known.snapshot.asOfMs, viewed?.asOfMs ?? Number.POSITIVE_INFINITY)
    const state = { asOfMs, stale, ...(views === undefined ? {} : { views }) }
    return prepare(widgetAnswer(site, numbersOf(known.snapshot, site), state), stale)
  }

  private async views(site: Site, asked: readonly string[]): Promise<PreparedAnswer | null> {
    const paths = new Map(asked.map((p) => [p, pathOfParameter(p, site.pageQueryKeys)!]))
    const viewed = await this.pathViews.of(site.id, [...new Set(paths.values())])
    if (viewed === null) return null
    const views = new Map<string, number>()
    for (const [p, path] of paths) {
      const count = viewed.views.get(path)
      if (count !== undefined) views.set(p, count)
    }
    return prepare(viewsAnswer(site, views, viewed), viewed.stale)
  }

  private send(req: IncomingMessage, res: ServerResponse, prepared: PreparedAnswer): void {
    this.count(sendPrepared(req, res, prepared))
  }

  private refuse(res: ServerResponse, problem: Problem, extra: Record<string, string> = {}): void {
    if (res.headersSent) return
    sendProblem(res, problem, { ...CORS, ...extra })
    this.count(res.statusCode)
  }

  /** Asked by browsers before a script's own conditional request. */
  private answerPreflight(res: ServerResponse): void {
    const allowed = { 'access-control-allow-methods': METHODS, 'access-control-allow-headers': 'If-None-Match' }
    res.writeHead(204, { ...CORS, ...allowed, 'access-control-max-age': '86400' })
    res.end()
    this.count(204)
  }

  private count(status: number): void {
    this.metrics.widgetRequests.inc({ status: String(status) })
  }
}

function stateOf({ snapshot, stale }: KnownSnapshot): { asOfMs: number; stale: boolean } {
  return { asOfMs: snapshot.asOfMs, stale }
}
