import { request } from '../../support/harness/index.js'
import { CODES } from './answer-rules.js'

/** Values that each label may have (contract section 6), by metric; `le` is a bucket's edge and belongs to the code. */
const ALLOWED: Readonly<Record<string, ReadonlySet<string>>> = {
  'truycap_beacons_total outcome': new Set(['kept', 'bot', 'prefetch', 'excluded', ...CODES]),
  'truycap_events_total outcome': new Set(['counted', 'repeat', 'too_late', 'poison']),
  'truycap_dead_letters_total reason': new Set(['poison', 'too_late']),
  'truycap_counter_drift period': new Set(['day', 'week', 'month', 'year', 'total', 'views', 'records']),
  'truycap_consumer_lag group': new Set(['counters', 'store']),
  'truycap_batch_size group': new Set(['counters', 'store']),
  'truycap_widget_requests_total status': new Set(['200', '204', '304', '400', '404', '405', '503']),
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** All samples of `/metrics`. */
export async function scrape(opsUrl: string): Promise<Sample[]> {
  const { text } = await request({ url: `${opsUrl}/metrics` })
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', inner = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      const labels = Object.fromEntries([...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]))
      return { name, labels, value: Number(value) }
    })
}

/** Labels with a value that is on no list. */
export function strangeLabels(samples: readonly Sample[]): string[] {
  return samples.flatMap(({ name, labels }) =>
    Object.entries(labels)
      .filter(([label]) => label !== 'le')
      .filter(([label, value]) => !ALLOWED[`${name.replace(/_(?:bucket|sum|count)$/, '')} ${label}`]?.has(value))
      .map(([label, value]) => `${name}{${label}="${value}"}`),
  )
}

export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samples
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, one) => sum + one.value, 0)
}
