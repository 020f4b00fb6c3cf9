import { z } from 'zod'
import { siteChangeInput, siteInput, SITE_DEFAULTS, siteIdText } from '#domain'
import { BODY_PROBLEMS, type Description, KEY_PROBLEMS, type Parameter } from '#http'

export const SITE_PARAMETER: Parameter = {
  name: 'id',
  in: 'path',
  description: 'Id of the site.',
  schema: siteIdText,
  example: 'demo',
}

/** A site as the owner door shows it. */
const shownSite = z.object({
  id: siteIdText,
  name: z.string(),
  hosts: z.array(z.string()),
  timeZone: z.string(),
  weekStart: z.enum(['monday', 'sunday']),
  unit: z.enum(['visits', 'pageviews', 'visitors']),
  onlineWindowSeconds: z.int().min(60).max(1800),
  visitTimeoutSeconds: z.int().min(300).max(3600),
  pageQueryKeys: z.array(z.string()),
  bots: z.enum(['drop', 'count']),
  excludedAddresses: z.array(z.string()),
})

const SITE = { id: 'example', ...SITE_DEFAULTS, name: 'Cổng thông tin', hosts: ['example.vn'] }
const SITE_MEDIA = [{ type: 'application/json', schema: shownSite, example: SITE }]
const OWNERS = ['admin', 'owner']

/** What is done next with a site that was made. */
const LINKS = Object.fromEntries(
  ['getSite', 'changeSite', 'deleteSite', 'makeKey', 'listKeys'].map((operationId) => [
    operationId,
    { operationId, parameters: { id: '$response.body#/id' } },
  ]),
)

export const SITES = {
  create: {
    operationId: 'makeSite',
    door: 'owner',
    summary: 'Makes a site',
    description: 'Only `id` is needed. An id is given once; that of a deleted site is never given again.',
    roles: ['admin'],
    body: [{ type: 'application/json', schema: siteInput, example: { id: 'example', hosts: ['example.vn'] } }],
    answers: { 201: { description: 'The site as it is kept.', media: SITE_MEDIA, links: LINKS } },
    problems: [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'site_exists'],
  },
  list: {
    operationId: 'listSites',
    door: 'owner',
    summary: 'Lists the sites by id: all for the admin, the own one for an owner',
    roles: OWNERS,
    answers: {
      200: { description: 'The sites.', media: [{ type: 'application/json', schema: z.array(shownSite) }] },
    },
    problems: KEY_PROBLEMS,
  },
  get: {
    operationId: 'getSite',
    door: 'owner',
    summary: 'Shows a site',
    roles: OWNERS,
    parameters: [SITE_PARAMETER],
    answers: { 200: { description: 'The site.', media: SITE_MEDIA } },
    problems: [...KEY_PROBLEMS, 'site_not_found'],
  },
  change: {
    operationId: 'changeSite',
    door: 'owner',
    summary: 'Changes settings of a site',
    description:
      'What is not given stays. A change holds for new events, within 2 s at every door; `unit`, `weekStart` and ' +
      '`onlineWindowSeconds` hold for what is shown. `id` cannot be changed.',
    roles: OWNERS,
    parameters: [SITE_PARAMETER],
    body: [{ type: 'application/json', schema: siteChangeInput, example: { unit: 'pageviews' } }],
    answers: { 200: { description: 'The whole site as it is now.', media: SITE_MEDIA } },
    problems: [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'site_not_found'],
  },
  remove: {
    operationId: 'deleteSite',
    door: 'owner',
    summary: 'Deletes a site and erases everything of it',
    description:
      'It cannot be taken back, and the id is never given again. Every door forgets the site within 2 s; counters, history, ' +
      'keys and last known numbers are erased within seconds, records in the log leave with its 14 days.',
    roles: OWNERS,
    parameters: [{ ...SITE_PARAMETER, example: 'no-such-site' }],
    answers: { 204: { description: 'The site is gone.' } },
    problems: [...KEY_PROBLEMS, 'site_not_found'],
  },
} as const satisfies Record<string, Description>
