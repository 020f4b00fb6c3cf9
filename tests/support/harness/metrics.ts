import { request } from './http.js'

/** One line of `/metrics`. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line) ?? []
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text])
  return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }
}

/** What an ops port exports now, in the text format of Prometheus. */
export async function metricsOf(
  opsUrl: string,
): Promise<{ text: string; types: Map<string, string>; samples: Sample[] }> {
  const { text } = await request({ url: `${opsUrl}/metrics` })
  const lines = text.split('\n').filter((line) => line !== '')
  const types = new Map(
    lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ').slice(2, 4) as [string, string]),
  )
  return { text, types, samples: lines.filter((line) => !line.startsWith('#')).map(sampleOf) }
}

/** The values of one metric by the value of its one label (`` without one); what was never counted is absent. */
export async function valuesOf(opsUrl: string, name: string): Promise<Record<string, number>> {
  const { samples } = await metricsOf(opsUrl)
  const own = samples.filter((sample) => sample.name === name && sample.value !== 0)
  return Object.fromEntries(own.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
}
