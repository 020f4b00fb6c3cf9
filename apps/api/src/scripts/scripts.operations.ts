import type { Description } from '#http'

const SCRIPT = { type: 'text/javascript' }

function script(operationId: string, summary: string): Description {
  return {
    operationId,
    door: 'widget',
    summary,
    roles: 'anybody',
    answers: {
      200: { description: 'The script, for an hour.', media: [SCRIPT], headers: { ETag: 'Of the script.' } },
      304: { description: 'The caller has it (`If-None-Match`).' },
    },
    problems: [],
  }
}

export const SCRIPTS = {
  tracker: script('getTracker', 'The tracker'),
  widget: script('getWidgetScript', 'The widget'),
} as const
