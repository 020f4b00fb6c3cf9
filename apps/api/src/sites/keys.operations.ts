import { z } from 'zod'
import { BODY_PROBLEMS, type Description, KEY_PROBLEMS } from '#http'
import { keyInput } from './new-key.js'
import { SITE_PARAMETER } from './sites.operations.js'

const OWNERS = ['admin', 'owner']
const role = z.enum(['owner', 'read', 'ingest'])
const ID = '4f2a9c0b1d8e7f6a5b4c3d2e'

const shownOnce = z.object({ id: z.string(), role, key: z.string().describe('Shown once; only its hash is kept.') })
const listed = z.object({ id: z.string(), role, createdAt: z.iso.datetime() })

export const KEYS = {
  create: {
    operationId: 'makeKey',
    door: 'owner',
    summary: 'Makes a key of a site',
    description: '`owner` may do all with the site, `read` sees its statistics, `ingest` sends its server events.',
    roles: OWNERS,
    parameters: [SITE_PARAMETER],
    body: [{ type: 'application/json', schema: keyInput, example: { role: 'ingest' } }],
    answers: {
      201: {
        description: 'The key.',
        media: [
          { type: 'application/json', schema: shownOnce, example: { id: ID, role: 'ingest', key: 'tcp_ingest_…' } },
        ],
        links: {
          removeKey: {
            operationId: 'removeKey',
            parameters: { id: '$request.path.id', keyId: '$response.body#/id' },
          },
        },
      },
    },
    problems: [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'site_not_found'],
  },
  list: {
    operationId: 'listKeys',
    door: 'owner',
    summary: 'Lists the keys of a site, oldest first, without their texts',
    roles: OWNERS,
    parameters: [SITE_PARAMETER],
    answers: { 200: { description: 'The keys.', media: [{ type: 'application/json', schema: z.array(listed) }] } },
    problems: [...KEY_PROBLEMS, 'site_not_found'],
  },
  remove: {
    operationId: 'removeKey',
    door: 'owner',
    summary: 'Takes a key back; it opens no door any more within 2 s',
    roles: OWNERS,
    parameters: [
      SITE_PARAMETER,
      { name: 'keyId', in: 'path', description: 'Id of the key.', schema: z.string().min(1).max(64), example: ID },
    ],
    answers: { 204: { description: 'The key is void.' } },
    problems: [...KEY_PROBLEMS, 'site_not_found', 'route_not_found'],
  },
} as const satisfies Record<string, Description>
