import { z } from 'zod'
import { siteIdText } from '#domain'
import type { Operation, Parameter } from '#http'
import { LANGUAGES } from './forms/form-labels.js'
import { FIELDS, type FormAsked } from './forms/form-request.js'
import { THEMES } from './forms/form-themes.js'

const count = z.int().min(0)
const stale = z.literal(true).optional().describe('Older than 60 s, or the counters cannot be read.')
const asOf = z.iso.datetime({ offset: true }).describe('Everything that was taken by then is in the numbers.')

const SITE: Parameter = {
  name: 'site',
  in: 'path',
  description: 'Id of the site.',
  schema: siteIdText,
  example: 'demo',
}
const PATH_TEXT = 'Path of a page (`/tin-tuc/1`) or its http(s) URL.'
const pagePath = z.union([z.string().regex(/^\//), z.url({ protocol: /^https?$/ })])

const numbers = z.object({
  v: z.literal(1),
  site: siteIdText,
  tz: z.string(),
  unit: z.enum(['visits', 'pageviews', 'visitors']),
  asOf,
  ttl: z.int().min(1).describe('Ask again after so many seconds.'),
  online: count.nullable().describe('null = not known.'),
  onlineWindow: z.int().min(60).max(1800),
  today: count,
  yesterday: count,
  week: count,
  month: count,
  year: count,
  total: count,
  views: count.optional().describe('Of the path of `p`, if known.'),
  stale,
})
const NUMBERS = {
  v: 1,
  site: 'demo',
  tz: 'Asia/Ho_Chi_Minh',
  unit: 'visits',
  asOf: '2026-11-23T18:20:15+07:00',
  ttl: 15,
  online: 40,
  onlineWindow: 300,
  today: 1021,
  yesterday: 990,
  week: 7667,
  month: 37087,
  year: 229537,
  total: 2390402,
}

const views = z.object({
  v: z.literal(1),
  asOf,
  views: z.record(z.string(), count).describe('Keyed as asked; a path whose views are not known is left out.'),
  stale,
})

const UNCHANGED = { description: 'The caller has these numbers (`If-None-Match`).' }
const TAG = { ETag: 'Weak, over the numbers.', 'Cache-Control': 'For how long it may be shown.' }

const LANG: Parameter = { name: 'lang', in: 'query', description: '`vi` unless said.', schema: z.enum(LANGUAGES) }
const THEME: Parameter = { name: 'theme', in: 'query', description: '`classic` unless said.', schema: z.enum(THEMES) }
const DIGITS: Parameter = {
  name: 'digits',
  in: 'query',
  description: 'The least number of digits of the total: 9 unless said; in `.txt` of the number asked for: 1.',
  schema: z.int().min(1).max(12),
}
const FIELD: Parameter = {
  name: 'f',
  in: 'query',
  description: 'Which number.',
  schema: z.enum(FIELDS),
  isRequired: true,
  example: 'total',
}

/** The same numbers without script. */
function form(kind: FormAsked['kind'], type: string, summary: string, own: readonly Parameter[] = []): Operation {
  return {
    method: 'get',
    path: `/w/{site}.${kind}`,
    operationId: `getNumbersAs${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
    door: 'widget',
    summary,
    roles: 'anybody',
    parameters: [SITE, ...own, LANG, THEME, DIGITS],
    answers: { 200: { description: summary, media: [{ type }], headers: TAG }, 304: UNCHANGED },
    problems: ['unknown_parameter', 'bad_parameter', 'site_not_found', 'numbers_unknown'],
  }
}

/** The widget door on the bare request; see `WidgetDoor`. */
export const WIDGET_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/w/{site}.json',
    operationId: 'getNumbers',
    door: 'widget',
    summary: 'The numbers of a site',
    roles: 'anybody',
    parameters: [SITE, { name: 'p', in: 'query', description: PATH_TEXT, schema: pagePath, example: '/' }],
    answers: {
      200: {
        description: 'The numbers.',
        media: [{ type: 'application/json', schema: numbers, example: NUMBERS }],
        headers: TAG,
      },
      304: UNCHANGED,
    },
    problems: ['unknown_parameter', 'bad_parameter', 'site_not_found', 'numbers_unknown'],
  },
  {
    method: 'get',
    path: '/w/{site}/views',
    operationId: 'getViews',
    door: 'widget',
    summary: 'Views of 1 to 50 paths of a site',
    roles: 'anybody',
    parameters: [
      SITE,
      {
        name: 'p',
        in: 'query',
        description: PATH_TEXT,
        schema: z.array(pagePath).min(1).max(50),
        isRequired: true,
        example: ['/', '/tin-tuc/1'],
      },
    ],
    answers: {
      200: {
        description: 'The views.',
        media: [
          {
            type: 'application/json',
            schema: views,
            example: { v: 1, asOf: NUMBERS.asOf, views: { '/': 57, '/tin-tuc/1': 0 } },
          },
        ],
        headers: TAG,
      },
      304: UNCHANGED,
    },
    problems: ['unknown_parameter', 'bad_parameter', 'too_many_paths', 'site_not_found', 'numbers_unknown'],
  },
  form('svg', 'image/svg+xml', 'The numbers as a picture'),
  form('html', 'text/html', 'The numbers as a document of their own'),
  form('txt', 'text/plain', 'One number, the bare digits', [FIELD]),
]
