const EVERY_MS = 2000
const PATIENCE_MS = 2000

export type ProbeState = 'up' | 'down' | 'starting'

/** Asks a dependency again and again whether it is there, because one that hangs says nothing by itself. */
export class Probe {
  private outcome: ProbeState = 'starting'
  private isAsking = false
  private readonly timer: NodeJS.Timeout

  /** `ask` rejects when the dependency is away; an answer that takes longer than 2 s is none. */
  constructor(private readonly ask: () => Promise<unknown>) {
    this.timer = setInterval(() => void this.look(), EVERY_MS)
    void this.look()
  }

  get state(): ProbeState {
    return this.outcome
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    if (this.isAsking) return
    this.isAsking = true
    const late = setTimeout(() => (this.outcome = 'down'), PATIENCE_MS)
    try {
      await this.ask()
      this.outcome = 'up'
    } catch {
      this.outcome = 'down'
    } finally {
      clearTimeout(late)
      this.isAsking = false
    }
  }
}
