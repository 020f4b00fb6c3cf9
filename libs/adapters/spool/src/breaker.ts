/**
 * Remembers that the log is away, so that nobody waits for it again and again. While it is, one append at a time may be let
 * through to look; more often the drainer finds out with what it replays.
 */
export class Breaker {
  private away = false
  private mayProbe = false

  constructor(private readonly onChange: (isAway: boolean, cause?: unknown) => void) {}

  get isOpen(): boolean {
    return this.away
  }

  /** Whether an append may try the log. A probe is given to the first who asks. */
  lets(): boolean {
    if (!this.away) return true
    const may = this.mayProbe
    this.mayProbe = false
    return may
  }

  /** The next append may try the log. */
  allowProbe(): void {
    this.mayProbe = true
  }

  trip(cause: unknown): void {
    this.mayProbe = false
    if (this.away) return
    this.away = true
    this.onChange(true, cause)
  }

  mend(): void {
    if (!this.away) return
    this.away = false
    this.onChange(false)
  }
}
