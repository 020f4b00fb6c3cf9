import { Counter, type Registry } from 'prom-client'

export interface TallyCounterOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly label: Label
  readonly registry: Registry
}

/**
 * A counter with one label for places that are passed with every request. prom-client hashes its labels at every `inc`, which
 * costs as much as judging a beacon's fields; here that is done when somebody looks.
 */
export class TallyCounter<Label extends string> {
  private readonly counter: Counter<Label>
  private readonly tallies = new Map<string, number>()

  constructor({ name, help, label, registry }: TallyCounterOptions<Label>) {
    const collect = () => this.collect(label)
    this.counter = new Counter({ name, help, labelNames: [label], registers: [registry], collect })
  }

  inc(value: string, by = 1): void {
    this.tallies.set(value, (this.tallies.get(value) ?? 0) + by)
  }

  /** As prom-client gives it. */
  get(): ReturnType<Counter<Label>['get']> {
    return this.counter.get()
  }

  private collect(label: Label): void {
    for (const [value, tally] of this.tallies) this.counter.inc({ [label]: value } as Record<Label, string>, tally)
    this.tallies.clear()
  }
}
