import { z } from 'zod'
import {
  BEACON_EXAMPLE,
  beaconBodySchema,
  LIMITS,
  pageUrl,
  PROBLEMS,
  type ProblemCode,
  SERVER_EVENT_EXAMPLE,
  serverEventSchema,
  siteIdText,
} from '#domain'
import { KEY_PROBLEMS, type Operation } from './operation.js'

/*
 * The doors of the collector, described here because the api serves the document of all doors and never sees the
 * collector's code; a test of the collector holds them against its doors.
 */

const DROPPED = {
  'Truycap-Dropped': 'Why something was dropped: `bot`, `excluded`, `invalid`, `prefetch`, with commas.',
}
const TAKEN_PROBLEMS = ['site_not_found', 'host_not_allowed', 'rate_limited', 'log_unavailable'] as const

const takeBeacons: Operation = {
  method: 'post',
  path: '/c',
  operationId: 'takeBeacons',
  door: 'browser',
  summary: 'Takes one beacon, or an array of 1 to 20',
  description:
    'Each item of an array is judged alone: 204 if any was kept or dropped, else the problem of the first one. 204 on a kept ' +
    'beacon means that it survives the death of every process. The body is read as JSON whatever of the two types it has.',
  roles: 'anybody',
  body: [
    { type: 'application/json', schema: beaconBodySchema, example: BEACON_EXAMPLE },
    {
      type: 'text/plain',
      schema: z.string().meta({ contentMediaType: 'application/json', description: 'The same as text.' }),
      example: JSON.stringify(BEACON_EXAMPLE),
    },
  ],
  answers: { 204: { description: 'Kept durably, or dropped.', headers: DROPPED } },
  problems: [
    'bad_json',
    'bad_field',
    'unsupported_version',
    ...TAKEN_PROBLEMS,
    'too_large',
    'too_many_beacons',
    'unsupported_media_type',
  ],
}

const takePixel: Operation = {
  method: 'get',
  path: '/c.gif',
  operationId: 'takePixel',
  door: 'browser',
  summary: 'Takes a page view without script, for an image of a page',
  description: 'Other query keys are ignored.',
  roles: 'anybody',
  parameters: [
    { name: 's', in: 'query', description: 'Id of the site.', schema: siteIdText, isRequired: true, example: 'demo' },
    {
      name: 'u',
      in: 'query',
      description: `http(s) URL of the page, at most ${LIMITS.url} characters; without it the Referer.`,
      schema: pageUrl,
      example: BEACON_EXAMPLE.u,
    },
    { name: 'r', in: 'query', description: 'Referrer.', schema: z.string() },
    { name: 'i', in: 'query', description: 'UUID version 7; the server makes one.', schema: z.string() },
  ],
  answers: { 200: { description: 'A GIF of one pixel.', headers: DROPPED, media: [{ type: 'image/gif' }] } },
  problems: ['bad_field', ...TAKEN_PROBLEMS],
}

const DROP_COUNTS = z.object({
  bot: z.int().min(1).optional(),
  prefetch: z.int().min(1).optional(),
  excluded: z.int().min(1).optional(),
})

/** What became of the lines. */
const receipt = z.object({
  accepted: z.int().min(0).describe('Durable, repeats among them.'),
  dropped: DROP_COUNTS,
  rejected: z
    .array(z.object({ line: z.int().min(1), code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]) }))
    .max(1000)
    .describe('The first 1,000; lines count from 1.'),
  rejectedTotal: z.int().min(0),
})

const takeEvents: Operation = {
  method: 'post',
  path: '/v1/events',
  operationId: 'takeEvents',
  door: 'server',
  summary: 'Takes events that a server reports, for readers who never ran the tracker',
  description:
    'An array of at most 1,000, or NDJSON of any length, streamed, 8 KiB a line. Lines are judged one by one. 503 in ' +
    'mid-stream also carries the receipt so far; the same ids can be sent again without being counted twice.',
  roles: ['admin', 'ingest'],
  body: [
    {
      type: 'application/json',
      schema: z.array(serverEventSchema).max(1000),
      example: [SERVER_EVENT_EXAMPLE],
    },
    {
      type: 'application/x-ndjson',
      schema: z.string().describe('One event a line.'),
      example: `${JSON.stringify(SERVER_EVENT_EXAMPLE)}\n`,
    },
  ],
  answers: {
    200: { description: 'What became of the lines.', media: [{ type: 'application/json', schema: receipt }] },
  },
  problems: ['bad_json', 'bad_field', 'too_large', 'too_many_beacons', 'unsupported_media_type', ...KEY_PROBLEMS],
}

export const INTAKE_OPERATIONS: readonly Operation[] = [takeBeacons, takePixel, takeEvents]
