import type { Fact, RecountSite, SentEvent } from '../recount/index.js'
import { serverFact } from '../recount/index.js'
import { browser } from './beacons.js'
import type { FakeClock } from './fake-clock.js'
import type { Dice } from './seeded.js'
import { postEvents } from './sites.js'

export const TRAFFIC_PATHS = ['/', '/tin-tức', '/lien-he', '/tin/1', '/tin/2', '/van-ban?id=12', '/Tin/1']

export interface TrafficOptions {
  readonly site: string
  /** Part of every id, so that batches do not repeat each other. */
  readonly name: string
  readonly count: number
  readonly untilMs: number
  /** How far back the oldest may be, hours; the server door takes 48. */
  readonly hours: number
  readonly dice: Dice
}

/**
 * Server events as a portal has them: few visitors that come back, custom events, some that have no visitor, some repeats.
 * The last 20 minutes are left out, so that who is online is what a test says.
 */
export function traffic({ site, name, count, untilMs, hours, dice }: TrafficOptions): SentEvent[] {
  const happens = (percent: number) => dice.below(100) < percent
  const events: SentEvent[] = []
  for (let n = 0; n < count; n++) {
    const repeated =
      happens(5) && events.length > 0 ? events.at(-1 - dice.below(Math.min(events.length, 20))) : undefined
    const atMs = untilMs - 20 * 60_000 - dice.below(hours * 3_600_000 - 21 * 60_000)
    const reader = dice.below(40)
    const type = happens(85) ? 'view' : 'event'
    events.push(
      repeated ?? {
        site,
        type,
        id: `${name}-${n}`,
        at: new Date(atMs).toISOString(),
        url: `https://example.vn${dice.oneOf(TRAFFIC_PATHS)}`,
        ...(type === 'event' && { name: 'download' }),
        ...(happens(30) && { referrer: dice.oneOf(['https://google.com/', 'https://example.vn/']) }),
        ...(happens(90) && { ip: `203.0.113.${reader}`, userAgent: browser(reader) }),
      },
    )
  }
  return events
}

/** Sends them to a product under a fake clock; gives the facts of what was accepted, which must be all. */
export async function sendTraffic(
  url: string,
  key: string,
  site: RecountSite,
  events: readonly SentEvent[],
  clock: FakeClock,
): Promise<Fact[]> {
  const { status, text, json } = await postEvents(url, key, events)
  const body = status === 200 ? (json() as { accepted: number }) : undefined
  if (body?.accepted !== events.length) throw new Error(`${site.id}: ${status} ${text}`)
  return events.map((event) => serverFact(event, clock.now()))
}
