import { within } from '#ports'

/** Resolved by the next refresh that begins. */
interface Upcoming {
  readonly done: Promise<boolean>
  readonly resolve: (outcome: boolean | PromiseLike<boolean>) => void
}

export interface RefresherLimits {
  /** A read that takes longer has failed and is left behind, so that one that hangs does not end all refreshes. */
  readonly readLimitMs: number
  /** Between the beginnings of two refreshes of which the second was asked for by `soon`. */
  readonly spacingMs: number
}

/**
 * One read at a time, shared by all who wait for it. `read` says whether it worked and tells `isLatest` before it
 * takes anything, since one that was left behind may still come back.
 */
export class Refresher {
  private current: Promise<boolean> | undefined
  private upcoming: Upcoming | undefined
  private begunAtMs = Number.NEGATIVE_INFINITY
  private turn = 0
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  constructor(
    private readonly read: (isLatest: () => boolean) => Promise<boolean>,
    private readonly limits: RefresherLimits,
  ) {}

  /** Joins the read under way, or begins one; false when it failed. */
  now(): Promise<boolean> {
    return this.current ?? this.begin()
  }

  /** A read that begins after this call, as soon as the one under way has ended. */
  next(): Promise<boolean> {
    if (this.current === undefined) return this.now()
    const { done } = this.ahead()
    void this.current.then(() => this.beginUpcoming())
    return done
  }

  /** A read that begins after this call, but not sooner than the spacing allows: a flood of askers costs four reads a second. */
  soon(): Promise<boolean> {
    const { done } = this.ahead()
    this.timer ??= setTimeout(
      () => this.afterSpacing(),
      Math.max(0, this.begunAtMs + this.limits.spacingMs - performance.now()),
    )
    return done
  }

  /** Begins nothing any more and resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    this.upcoming?.resolve(false)
    await this.current
  }

  private afterSpacing(): void {
    this.timer = undefined
    if (this.current === undefined) this.beginUpcoming()
    else void this.current.then(() => this.beginUpcoming())
  }

  /** Nothing to do when a read that began in between took the waiters with it. */
  private beginUpcoming(): void {
    if (this.upcoming !== undefined && this.current === undefined) void this.begin()
  }

  private ahead(): Upcoming {
    return (this.upcoming ??= deferred())
  }

  private begin(): Promise<boolean> {
    const current = this.stopped ? Promise.resolve(false) : this.beginRead()
    this.upcoming?.resolve(current)
    this.upcoming = undefined
    return current
  }

  private beginRead(): Promise<boolean> {
    const turn = ++this.turn
    this.begunAtMs = performance.now()
    const read = this.read(() => turn === this.turn)
    const current = within(read, this.limits.readLimitMs, false).finally(() => {
      this.current = undefined
    })
    this.current = current
    return current
  }
}

function deferred(): Upcoming {
  let resolve!: Upcoming['resolve']
  const done = new Promise<boolean>((settle) => {
    resolve = settle
  })
  return { done, resolve }
}
