import { z } from 'zod'
import { MOST_OFFSETS, MOST_SHOWN, OFFSET_FIELDS, offsetInput } from '#domain'
import { BODY_PROBLEMS, type Description, KEY_PROBLEMS, type Parameter } from '#http'
import { SITE_PARAMETER } from '../sites/sites.operations.js'

const OWNERS = ['admin', 'owner']

const entryId = z.string().regex(/^[1-9]\d{0,9}-[1-9]\d{0,5}$/)
const shownOffset = z.object({
  id: entryId,
  field: z.enum(OFFSET_FIELDS),
  path: z.string().optional().describe('Of `views` only, as Truycap writes it.'),
  shown: z.int().min(0).max(MOST_SHOWN).nullable().describe('What was typed; null when `add` was.'),
  add: z.int().describe('What it adds to the number.'),
  reason: z.string(),
  day: z.iso.date().describe('Local day of its creation: it belongs to the periods that hold this day.'),
  createdAt: z.iso.datetime(),
  by: z.string().describe('Id of the key, or `admin`.'),
  reversedAt: z.iso.datetime().nullable(),
  reversedBy: z.string().nullable(),
})
const shownImport = z.object({ count: z.int(), first: entryId, last: entryId })

const ENTRY = {
  id: '1-1',
  field: 'total',
  shown: 2_390_401,
  add: 2_390_400,
  reason: 'bộ đếm cũ',
  day: '2026-11-23',
  createdAt: '2026-11-23T11:20:15.000Z',
  by: 'admin',
  reversedAt: null,
  reversedBy: null,
}

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same body again under it has the same answer and changes nothing.',
  schema: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  example: 'import-1',
}
const REASON: Parameter = {
  name: 'reason',
  in: 'query',
  description: 'Of CSV only: the reason of all its rows.',
  schema: z.string().min(1).max(200),
}

export const OFFSETS = {
  create: {
    operationId: 'carryOver',
    door: 'owner',
    summary: 'Carries numbers over from an older counter',
    description:
      'One entry, an array (applied in order, checked at its end, together or not at all), or CSV of `path,shown` for the views ' +
      `of up to ${MOST_OFFSETS} pages. Of \`shown\` and \`add\` exactly one; \`path\` with \`views\` only.`,
    roles: OWNERS,
    parameters: [SITE_PARAMETER, IDEMPOTENCY_KEY, REASON],
    body: [
      {
        type: 'application/json',
        schema: z.union([offsetInput, z.array(offsetInput).min(1)]),
        example: { field: 'total', shown: 2_390_401, reason: 'bộ đếm cũ' },
      },
      { type: 'text/csv', example: 'path,shown\n/tin/123,57\n' },
    ],
    answers: {
      201: {
        description:
          'The entry, the entries, or what the CSV came to: its n-th row is the entry n places after `first`.',
        media: [
          {
            type: 'application/json',
            schema: z.union([shownOffset, z.array(shownOffset), shownImport]),
            example: ENTRY,
          },
        ],
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
      ...KEY_PROBLEMS,
      'unknown_parameter',
      'bad_parameter',
      'site_not_found',
      'offset_breaks_order',
      'idempotency_conflict',
      'numbers_unknown',
    ],
  },
  list: {
    operationId: 'listOffsets',
    door: 'owner',
    summary: 'Lists what was carried over, oldest first, reversed entries marked',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      {
        name: 'limit',
        in: 'query',
        description: 'Most entries in one answer.',
        schema: z.int().min(1).max(MOST_OFFSETS).default(MOST_OFFSETS),
      },
      { name: 'after', in: 'query', description: 'Entries after this one.', schema: entryId, example: '1-1' },
    ],
    answers: {
      200: {
        description: 'The entries.',
        media: [{ type: 'application/json', schema: z.array(shownOffset) }],
        headers: { Link: 'The next ones (`rel="next"`), when there are more.' },
      },
    },
    problems: [...KEY_PROBLEMS, 'unknown_parameter', 'bad_parameter', 'site_not_found'],
  },
  reverse: {
    operationId: 'reverseOffset',
    door: 'owner',
    summary: 'Takes an entry back; it stays listed',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      { name: 'entry', in: 'path', description: 'Id of the entry.', schema: entryId, example: '1-1' },
    ],
    answers: { 204: { description: 'It is reversed, now or before.' } },
    problems: [...KEY_PROBLEMS, 'site_not_found', 'route_not_found', 'offset_breaks_order', 'numbers_unknown'],
  },
} as const satisfies Record<string, Description>
