import type { IncomingMessage, ServerResponse } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { pathOfParameter, type Problem, type Site, viewsAnswer, widgetAnswer } from '#domain'
import { SITE_DIRECTORY, type SiteDirectory } from '#directory'
import { errorTrace, type RawDoor, sendProblem } from '#http'
import { METRICS, type Metrics } from '#metrics'
import { CLOCK, type Clock } from '#ports'
import { formAnswer } from './forms/form-answer.js'
import type { FormAsked } from './forms/form-request.js'
import { PathViews } from './path-views.js'
import { SharedAnswers } from './shared-answers.js'
import { type KnownSnapshot, Snapshots } from './snapshots.js'
import { type PreparedAnswer, prepare, sendPrepared } from './widget-answer.js'
import { asked, isSiteId, type WidgetAsked, type WidgetTarget, widgetTarget } from './widget-request.js'

const METHODS = 'GET, HEAD, OPTIONS'
const CORS = { 'access-control-allow-origin': '*' }
/** Nothing is known now; the counters and the store are tried again every few seconds. */
const UNKNOWN: Problem = { code: 'numbers_unknown', retryAfter: 5 }

/** `GET /w/{site}.json|.svg|.html|.txt` and `GET /w/{site}/views` (contract section 4) on the bare request, since every page view reads it. */
@Injectable()
export class WidgetDoor implements RawDoor {
  private readonly logger = new Logger('Widget')
  private readonly shared = new SharedAnswers()

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
    if (req.method === 'GET' && this.answerShared(url, req, res)) return true
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
    this.shared.keepOnly(isKept)
  }

  private answerShared(url: string, req: IncomingMessage, res: ServerResponse): boolean {
    const prepared = this.shared.get(url, this.clock.now())
    if (prepared === undefined) return false
    this.send(req, res, prepared)
    return true
  }

  /** 405, 400, 404, 503, in this order. */
  private async judge(target: WidgetTarget, req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method === 'OPTIONS') return this.answerPreflight(res)
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      return this.refuse(res, { code: 'method_not_allowed' }, { allow: METHODS })
    }
    const read = asked(target.kind, target.query)
    if ('problem' in read) return this.refuse(res, read.problem)
    const site = isSiteId(target.siteId) ? await this.directory.find(target.siteId) : 'not_found'
    if (site === 'not_found') return this.refuse(res, { code: 'site_not_found' })
    if (site === 'unknowable') return this.refuse(res, UNKNOWN)
    const prepared = await this.answer(site, read.asked, req.url ?? '')
    if (prepared === null) return this.refuse(res, UNKNOWN)
    this.send(req, res, prepared)
  }

  private answer(site: Site, asked: WidgetAsked, url: string): Promise<PreparedAnswer | null> {
    if (asked.kind === 'views') return this.views(site, asked.paths)
    if (asked.kind !== 'json') return this.form(site, asked, url)
    return asked.p === undefined ? this.plainNumbers(site) : this.numbersWithViews(site, asked.p)
  }

  private async plainNumbers(site: Site): Promise<PreparedAnswer | null> {
    const known = await this.snapshots.of(site)
    if (known === null) return null
    const prepared = prepare(widgetAnswer(site, known.numbers, stateOf(known)), known.stale)
    this.shared.keepNumbers(site, known, prepared)
    return prepared
  }

  private async form(site: Site, asked: FormAsked, url: string): Promise<PreparedAnswer | null> {
    const known = await this.snapshots.of(site)
    if (known === null) return null
    const answer = formAnswer(site, known.numbers, stateOf(known), asked)
    if (answer === null) return null
    const prepared = prepare(answer, known.stale, answer.contentType, answer.headers)
    this.shared.keepForm(url, site, known, prepared)
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
    return prepare(widgetAnswer(site, known.numbers, state), stale)
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
    this.metrics.widgetRequests.inc(String(status))
  }
}

function stateOf({ snapshot, stale }: KnownSnapshot): { asOfMs: number; stale: boolean } {
  return { asOfMs: snapshot.asOfMs, stale }
}
