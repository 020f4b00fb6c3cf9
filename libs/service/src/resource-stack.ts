import type { Logger } from 'pino'

/** What a process opened, to be closed in the opposite order, whether a start fails half way or the process ends. */
export class ResourceStack {
  private readonly opened: (() => Promise<unknown>)[] = []

  constructor(private readonly logger: Logger) {}

  keep<T extends { close(): Promise<unknown> }>(resource: T): T {
    this.defer(() => resource.close())
    return resource
  }

  defer(close: () => Promise<unknown>): void {
    this.opened.push(close)
  }

  /** What cannot be closed is said and passed over. */
  async close(): Promise<void> {
    for (const close of this.opened.splice(0).toReversed())
      await close().catch((error: unknown) => this.logger.error({ error: String(error) }, 'closing'))
  }
}
