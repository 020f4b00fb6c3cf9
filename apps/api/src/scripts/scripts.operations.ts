import { z } from 'zod'
import type { Answer, Description } from '#http'

const SCRIPT: Answer = {
  description: 'The script.',
  media: [{ type: 'text/javascript' }],
  headers: { ETag: 'Of the script.', 'Repr-Digest': 'What `integrity` is made of.' },
}
const UNCHANGED: Answer = { description: 'The caller has it (`If-None-Match`).' }

function running(operationId: string, summary: string): Description {
  const headers = { ...SCRIPT.headers, 'Content-Location': 'The copy that never changes.' }
  return {
    operationId,
    door: 'widget',
    summary,
    description: 'It lives for an hour in caches.',
    roles: 'anybody',
    answers: { 200: { ...SCRIPT, headers }, 304: UNCHANGED },
    problems: [],
  }
}

function copy(operationId: string, summary: string): Description {
  return {
    operationId,
    door: 'widget',
    summary,
    description: 'For pages that pin what they run; the running script names it in `Content-Location`.',
    roles: 'anybody',
    parameters: [
      {
        name: 'file',
        in: 'path',
        description: '`{version}.js`: the version of the package and a hash of the script.',
        schema: z.string().regex(/^[0-9A-Za-z.-]{1,60}\.js$/),
        example: '0.1.0.js',
      },
    ],
    answers: {
      200: SCRIPT,
      302: { description: 'The version alone leads to the copy that runs.', headers: { Location: 'Of the copy.' } },
      304: UNCHANGED,
    },
    problems: ['route_not_found'],
  }
}

export const SCRIPTS = {
  tracker: running('getTracker', 'The tracker'),
  widget: running('getWidgetScript', 'The widget'),
  trackerCopy: copy('getTrackerCopy', 'A copy of the tracker that never changes'),
  widgetCopy: copy('getWidgetCopy', 'A copy of the widget that never changes'),
} as const
