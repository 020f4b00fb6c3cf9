/** Wakes one waiter; a ring that nobody waited for is not lost. */
export class Doorbell {
  private rung = false
  private waiter: (() => void) | undefined

  ring(): void {
    this.rung = true
    this.waiter?.()
  }

  /** Resolves when rung, or after that time. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.rung) await this.orTimeout(timeoutMs)
    this.rung = false
  }

  private orTimeout(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.waiter = () => {
        clearTimeout(timer)
        this.waiter = undefined
        resolve()
      }
    })
  }
}
