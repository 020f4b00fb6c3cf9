import { randomBytes } from 'node:crypto'
import type { RecountSite, SentEvent } from '../support/recount/index.js'
import type { NewSite, Receipt, Admin } from '../support/harness/index.js'
import {
  browser,
  calmTimeZone,
  createKey,
  createRecountedSite,
  postEventsBody,
  uuid7,
} from '../support/harness/index.js'

/** A site and an ingest key of it. */
export interface Door {
  site: RecountSite
  key: string
}

const prefix = randomBytes(4).toString('hex')
let made = 0

/** A site of its own for a test, in a zone whose midnight is far. */
export async function newDoor(product: Admin, settings: Omit<NewSite, 'id'> = {}): Promise<Door> {
  made += 1
  const own = { id: `events-${prefix}-${made}`, timeZone: calmTimeZone(), unit: 'pageviews' as const }
  const site = await createRecountedSite(product, { ...own, ...settings })
  return { site, key: (await createKey(product, site.id)).key }
}

export const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

export function view(site: string, overrides: Record<string, unknown> = {}): SentEvent {
  return {
    site,
    type: 'view',
    id: uuid7(),
    at: ago(1),
    url: 'https://example.vn/',
    ip: '203.0.113.1',
    userAgent: browser(0),
    ...overrides,
  }
}

export const lines = (events: readonly unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')

export async function receiptOf(
  product: Admin,
  key: string,
  body: Parameters<typeof postEventsBody>[2],
  headers = {},
): Promise<Receipt> {
  const answer = await postEventsBody(product.url, key, body, headers)
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.json() as Receipt
}

/** Part of a receipt: everything was accepted. */
export const acceptedAll = (accepted: number) => ({ accepted, dropped: {}, rejected: [] })
