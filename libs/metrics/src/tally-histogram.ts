import type { Metric, MetricValueWithName, Registry } from 'prom-client'

type Value = MetricValueWithName<'le'>

export interface TallyHistogramOptions {
  readonly name: string
  readonly help: string
  /** Upper bounds, rising. */
  readonly buckets: readonly number[]
  readonly registry: Registry
}

/**
 * A histogram without labels for places that are passed with every event, for the reason of TallyCounter: an `observe` of
 * prom-client's costs more than encoding the event.
 */
export class TallyHistogram {
  readonly name: string
  private readonly help: string
  private readonly bounds: readonly number[]
  /** By bucket, not summed up; the last one is of what is over all bounds. */
  private readonly tallies: number[]
  private sum = 0

  constructor({ name, help, buckets, registry }: TallyHistogramOptions) {
    this.name = name
    this.help = help
    this.bounds = buckets
    this.tallies = [...buckets, Number.POSITIVE_INFINITY].map(() => 0)
    // All that a registry asks of a metric, unless it is to reset them all, is its name and `get`.
    registry.registerMetric(this as unknown as Metric)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++
    this.tallies[bucket]!++
    this.sum += value
  }

  /** As prom-client gives it. */
  async get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Value[] }> {
    const { name, help, bounds, tallies, sum } = this
    let count = 0
    const values: Value[] = tallies.map((tally, bucket) => {
      count += tally
      return { metricName: `${name}_bucket`, labels: { le: bounds[bucket] ?? '+Inf' }, value: count }
    })
    values.push({ metricName: `${name}_sum`, labels: {}, value: sum })
    values.push({ metricName: `${name}_count`, labels: {}, value: count })
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }
}
