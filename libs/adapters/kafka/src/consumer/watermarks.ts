import type { Admin } from 'kafkajs'
import type { Clock } from '#ports'

/** What the log held of a partition at an instant. */
export interface Extent {
  readonly first: number
  readonly end: number
  /** Everything appended up to here is before `end`, ms. */
  readonly atMs: number
}

/** Asks Kafka for both ends of all partitions; who asks while a question is under way shares its answer. */
export class Watermarks {
  private underWay: Promise<ReadonlyMap<number, Extent>> | undefined

  constructor(
    private readonly admin: Admin,
    private readonly topic: string,
    private readonly clock: Clock,
  ) {}

  read(): Promise<ReadonlyMap<number, Extent>> {
    this.underWay ??= this.ask().finally(() => (this.underWay = undefined))
    return this.underWay
  }

  private async ask(): Promise<ReadonlyMap<number, Extent>> {
    const atMs = this.clock.now()
    const offsets = await this.admin.fetchTopicOffsets(this.topic)
    return new Map(
      offsets.map(({ partition, low, high }) => [partition, { first: Number(low), end: Number(high), atMs }]),
    )
  }
}
