import { isIP } from 'node:net'
import { z } from 'zod'
import { SERVER_EVENT_ID } from '../event/event-id.js'
import { LIMITS } from './beacon.js'
import { cut, eventName, eventProps, pageUrl, siteIdText } from './beacon.schema.js'
import { parseRfc3339 } from './rfc3339.js'
import { MAX_USER_AGENT, MAX_VISITOR } from './server-event.js'

const anyEvent = {
  site: siteIdText,
  id: z.string().regex(SERVER_EVENT_ID).describe('The same on every retry; counted once per site.'),
  at: z
    .string()
    .refine((text) => parseRfc3339(text) !== null)
    .meta({ format: 'date-time', description: 'When it happened: RFC 3339, any zone; at most 48 h back, 60 s ahead.' }),
  referrer: cut('Referrer', LIMITS.referrer).optional(),
  title: cut('Title', LIMITS.title).optional(),
  ip: z
    .string()
    .refine((text) => isIP(text) !== 0 && !text.includes('%'))
    .optional()
    .describe('Address of the reader, IPv4 or IPv6.'),
  userAgent: z.string().max(MAX_USER_AGENT).optional().describe('User-Agent of the reader, verbatim.'),
  visitor: z.string().max(MAX_VISITOR).optional().describe('Stands for address and User-Agent.'),
  language: cut('Language, BCP 47', LIMITS.language).optional(),
  name: eventName.optional(),
  props: eventProps.optional(),
  privacy: z.boolean().optional().describe('True = the reader asked for privacy.'),
}

/** One event of `POST /v1/events` (contract section 3). */
export const serverEventSchema = z.discriminatedUnion('type', [
  z.looseObject({ ...anyEvent, type: z.literal('view'), url: pageUrl }),
  z.looseObject({ ...anyEvent, type: z.literal('event'), url: pageUrl, name: eventName }),
  z.looseObject({ ...anyEvent, type: z.literal('heartbeat') }),
])

export const SERVER_EVENT_EXAMPLE = {
  site: 'demo',
  type: 'view',
  id: 'order-1',
  at: '2026-11-23T18:20:15+07:00',
  url: 'https://example.vn/tin-tuc/1',
  ip: '203.0.113.9',
}
