import { z } from 'zod'
import { MOST_OFFSETS, MOST_REASON_LENGTH, MOST_SHOWN, OFFSET_FIELDS, offsetInput } from '#domain'
import { BODY_PROBLEMS, type Description, KEY_PROBLEMS } from '#http'
import { SITE_PARAMETER } from '../sites/sites.operations.js'
import { MOST_LISTED } from './offset-list.js'

const OWNERS = ['admin', 'owner']
const entryIdText = z.string().regex(/^[1-9]\d{0,9}-[1-9]\d{0,5}$/)

const shownOffset = z.object({
  id: entryIdText,
  field: z.enum(OFFSET_FIELDS),
  path: z.string().optional().describe('Of `views` only; normalised.'),
  shown: z.int().min(0).max(MOST_SHOWN).nullable().describe('What was typed; null when `add` was.'),
  add: z.int(),
  reason: z.string(),
  day: z.iso.date().describe('Local day of its creation: it belongs to the periods that hold it.'),
  createdAt: z.iso.datetime(),
  by: z.string().describe('Id of the key, or `admin`.'),
  reversedAt: z.iso.datetime().nullable(),
  reversedBy: z.string().nullable(),
})
const shownImport = z.object({ count: z.int().min(1), first: entryIdText, last: entryIdText })

const TYPED = { field: 'total', shown: 2390401, reason: 'bộ đếm cũ' }

export const OFFSETS = {
  create: {
    operationId: 'makeOffsets',
    door: 'owner',
    summary: 'Carries over numbers from an older counter',
    description:
      'What the old counter shows now, as `shown`, or what to add, as `add`; exactly one of them. An array is applied in order, ' +
      'checked at its end, together or not at all. CSV has the columns `path,shown`. See [offsets.md](offsets.md).',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'The same body under the same key has the same answer and changes nothing.',
        schema: z.string().regex(/^[\x21-\x7e]{1,255}$/),
      },
      {
        name: 'reason',
        in: 'query',
        description: 'For all lines of a CSV; nowhere else.',
        schema: z.string().min(1).max(MOST_REASON_LENGTH),
      },
    ],
    body: [
      {
        type: 'application/json',
        schema: z.union([offsetInput, z.array(offsetInput).min(1).max(MOST_OFFSETS)]),
        example: [TYPED],
      },
      {
        type: 'text/csv',
        schema: z.string().describe('UTF-8, RFC 4180, at most 8 MiB and 100,000 lines.'),
        example: 'path,shown\n/tin/123,57\n',
      },
    ],
    answers: {
      201: {
        description: 'The entry of an object, the entries of an array, or what a CSV came to.',
        media: [{ type: 'application/json', schema: z.union([shownOffset, z.array(shownOffset), shownImport]) }],
        links: {
          reverseOffset: {
            operationId: 'reverseOffset',
            parameters: { id: '$request.path.id', entry: '$response.body#/id' },
          },
        },
      },
    },
    problems: [
      ...BODY_PROBLEMS,
      'unknown_parameter',
      'bad_parameter',
      ...KEY_PROBLEMS,
      'site_not_found',
      'offset_breaks_order',
      'idempotency_conflict',
      'numbers_unknown',
    ],
  },
  list: {
    operationId: 'listOffsets',
    door: 'owner',
    summary: 'Lists the offset entries of a site, oldest first, reversed ones marked',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      { name: 'limit', in: 'query', description: 'At most so many.', schema: z.int().min(1).max(MOST_LISTED) },
      { name: 'after', in: 'query', description: 'Those behind this entry.', schema: entryIdText },
    ],
    answers: {
      200: {
        description: 'The entries.',
        headers: { Link: 'To the next ones, if there are more.' },
        media: [{ type: 'application/json', schema: z.array(shownOffset) }],
      },
    },
    problems: [...KEY_PROBLEMS, 'unknown_parameter', 'bad_parameter', 'site_not_found'],
  },
  reverse: {
    operationId: 'reverseOffset',
    door: 'owner',
    summary: 'Takes an offset entry back; it stays listed',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      { name: 'entry', in: 'path', description: 'Id of the entry.', schema: entryIdText, example: '5-2' },
    ],
    answers: { 204: { description: 'It is reversed, now or before.' } },
    problems: [...KEY_PROBLEMS, 'site_not_found', 'route_not_found', 'offset_breaks_order', 'numbers_unknown'],
  },
} as const satisfies Record<string, Description>
