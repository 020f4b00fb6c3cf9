import type { Logger } from 'pino'

/** What a process opened, to be closed in the opposite order, whether a start fails half way or the process ends. */
export class ResourceStack {
  private readonly opened: (() => Promise<unknown>)[] = []

  private constructor(private readonly logger: Logger) {}

  /** What `open` makes; when it rejects, what it had opened is closed again. */
  static async opening<T>(logger: Logger, open: (opened: ResourceStack) => Promise<T>): Promise<T> {
    const opened = new ResourceStack(logger)
    try {
      return await open(opened)
    } catch (error) {
      await opened.close()
      throw error
    }
  }

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
