import { type Answered, Collector, type DoorServer, type Sent } from './collector.js'
import { site, storedKey } from './fakes.js'

/** A collector with keys of every role of `demo`, and a site that is strict on hosts and counts bots. */
export function openEventsCollector(): Promise<Collector> {
  const collector = new Collector()
  collector.registry.keys.push(
    storedKey('ingest-demo', 'demo', 'ingest'),
    storedKey('ingest-strict', 'strict', 'ingest'),
    storedKey('owner-demo', 'demo', 'owner'),
    storedKey('read-demo', 'demo', 'read'),
  )
  return collector.open([
    site('demo', { excludedAddresses: ['198.51.100.0/24'] }),
    site('strict', { hosts: ['example.vn'], bots: 'count' }),
  ])
}

/** A good view of one minute ago; overrides may spoil it. */
export function event(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    site: 'demo',
    type: 'view',
    id: 'order:1',
    at: '2026-11-24T10:29:00+07:00',
    url: 'https://example.vn/a',
    ...overrides,
  }
}

export const HEADERS = { authorization: 'Bearer ingest-demo', 'content-type': 'application/x-ndjson' }

/** Posts to `/v1/events` with the ingest key of `demo`. */
export class EventsSender {
  constructor(private readonly server: DoorServer) {}

  post(body: string, headers: Sent['headers'] = {}): Promise<Answered> {
    return this.server.send({ path: '/v1/events', headers: { ...HEADERS, ...headers }, body })
  }

  /** Texts go as they are, the rest as JSON. */
  lines(...lines: unknown[]): Promise<Answered> {
    return this.post(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  }

  array(items: unknown): Promise<Answered> {
    return this.post(JSON.stringify(items), { 'content-type': 'application/json' })
  }
}

export function json({ body }: Answered): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>
}

/** The answer's body as the contract writes it. */
export function receipt(accepted: number, dropped = {}, rejected: [number, string][] = []): Record<string, unknown> {
  const lines = rejected.map(([line, code]) => ({ line, code }))
  return { accepted, dropped, rejected: lines, rejectedTotal: lines.length }
}
