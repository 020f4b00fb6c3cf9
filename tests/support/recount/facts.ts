/**
 * What the recount is given: the plain facts of what a door acknowledged, and the settings of the site.
 * Written from contract sections 1 to 3 alone; nothing here imports anything of the product, on purpose.
 */

export type Unit = 'visits' | 'pageviews' | 'visitors'

export interface SiteSettings {
  timeZone: string
  weekStart: 'monday' | 'sunday'
  hosts: readonly string[]
  visitTimeoutSeconds: number
  pageQueryKeys: readonly string[]
  bots: 'drop' | 'count'
  onlineWindowSeconds: number
  unit: Unit
}

export interface RecountSite extends SiteSettings {
  id: string
}

/** One item that was acknowledged with 204 or counted in `accepted`, as it was sent. Repeats are given like the rest. */
export interface Fact {
  door: 'beacon' | 'server'
  site: string
  type: 'view' | 'event' | 'heartbeat' | 'leave'
  id: string
  /** Whole seconds: floor((receipt - age) / 1000), or `at` cut to seconds. */
  t: number
  /** Seconds from `t` to receipt, 0 unless said; over 3,600 the event is not online. */
  ageSeconds?: number
  address?: string
  userAgent?: string
  /** The server door's `visitor`. */
  visitorName?: string
  /** `g:1`, `Sec-GPC: 1`, `DNT: 1`, or `"privacy":true` at the server door. */
  privacy?: boolean
  url?: string
  referrer?: string
  /** The caller's verdict: which User-Agents are crawlers is not the recount's matter. */
  bot?: boolean
  /** Acknowledged but not kept for another reason (prefetch, excluded), or set aside as too late. */
  dropped?: boolean
  /** Settings that were in force at intake, where they differ from the site's last ones. */
  settingsAtIntake?: Partial<SiteSettings>
}

/** A site with the contract's defaults (section 1), so that a test says only what it is about. */
export function recountSite(overrides: Partial<RecountSite> = {}): RecountSite {
  return {
    id: 'demo',
    timeZone: 'Asia/Ho_Chi_Minh',
    weekStart: 'monday',
    hosts: [],
    visitTimeoutSeconds: 1800,
    pageQueryKeys: [],
    bots: 'drop',
    onlineWindowSeconds: 300,
    unit: 'visits',
    ...overrides,
  }
}

/** `unit` and `weekStart` apply when reading; everything else is what it was at intake (contract section 1, Time). */
export function settingsOf(site: RecountSite, fact: Fact): SiteSettings {
  return { ...site, ...fact.settingsAtIntake }
}
