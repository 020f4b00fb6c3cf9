import { z } from 'zod'
import { parseUuid7 } from '../event/event-id.js'
import { SITE_ID } from '../site/site.js'
import { LIMITS, MAX_BEACONS } from './beacon.js'
import { readName, readUrl } from './fields.js'
import { readProps } from './props.js'

/*
 * What the intake doors take, as schemas for the API document. Intake itself reads by hand, because it is ten times as fast;
 * a test holds the two together. Unknown keys are ignored, so none of these is closed.
 */

export const siteIdText = z.string().regex(SITE_ID).describe('Id of the site.')

const PLAIN_URL = 'https://example.vn/tin-tuc/1'
const UUID7 = '01932b7e-8b7a-7c4d-9e2f-0123456789ab'
const DASHED = '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-7[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}'

/** An http(s) URL of a page. */
export const pageUrl = z
  .string()
  .refine((text) => readUrl(text, 'view') !== null)
  .meta({ description: `http(s) URL of the page, at most ${LIMITS.url} characters.`, examples: [PLAIN_URL] })

/** Name of a custom event. */
export const eventName = z
  .string()
  .refine((text) => readName(text, 'event') !== null)
  .describe(`Name of the custom event, at most ${LIMITS.name} characters.`)

/** Text that is cut, never refused. */
export const cut = (what: string, limit: number) => z.string().describe(`${what}; cut to ${limit} characters.`)

export const eventProps = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .refine((props) => readProps(props, 'event') !== null)
  .meta({
    description: `Properties of the custom event; keys at most ${LIMITS.propKey} characters, texts cut to ${LIMITS.propValue}.`,
    maxProperties: LIMITS.propKeys,
  })

const anyBeacon = {
  v: z.literal(1).describe('Version.'),
  s: siteIdText,
  i: z
    .string()
    .refine((text) => parseUuid7(text) !== null)
    .meta({
      description: 'UUID version 7, the same on every retry.',
      pattern: `^(${DASHED}|${DASHED.replaceAll('}-', '}')})$`,
      examples: [UUID7],
    }),
  r: cut('Referrer', LIMITS.referrer).optional(),
  n: cut('Title', LIMITS.title).optional(),
  w: z.int().min(1).max(LIMITS.width).optional().describe('Viewport width, CSS pixels.'),
  l: cut('Language, BCP 47', LIMITS.language).optional(),
  z: cut('Time zone, IANA', LIMITS.zone).optional(),
  a: z.int().min(0).max(LIMITS.ageMs).optional().describe('Age: how long the beacon waited, ms.'),
  d: z.int().min(1).max(LIMITS.engagedSeconds).optional().describe('Engaged time, seconds.'),
  m: eventName.optional(),
  o: eventProps.optional(),
  b: z.int().min(0).max(LIMITS.hints).optional().describe('Automation hints; bit 0 is webdriver.'),
  g: z.int().min(0).max(1).optional().describe('1 = the reader asked for privacy.'),
}

/** One beacon of `POST /c` (contract section 2). */
export const beaconSchema = z.discriminatedUnion('e', [
  z.looseObject({ ...anyBeacon, e: z.literal('view'), u: pageUrl }),
  z.looseObject({ ...anyBeacon, e: z.literal('event'), u: pageUrl, m: eventName }),
  z.looseObject({ ...anyBeacon, e: z.literal('heartbeat') }),
  z.looseObject({ ...anyBeacon, e: z.literal('leave'), d: anyBeacon.d.unwrap() }),
])

/** The body of `POST /c`. */
export const beaconBodySchema = z.union([beaconSchema, z.array(beaconSchema).min(1).max(MAX_BEACONS)])

export const BEACON_EXAMPLE = { v: 1, s: 'demo', e: 'view', i: UUID7, u: PLAIN_URL }
