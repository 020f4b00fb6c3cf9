import type { ProblemCode } from '#domain'
import type { DropReason } from '../event/verdict.js'

/** Rejected lines that are listed; all are counted (contract section 3). */
const MAX_LISTED = 1000

/** What became of the lines of one request, as `/v1/events` answers it. */
export interface ReceiptBody {
  /** Durable, repeats among them. */
  readonly accepted: number
  readonly dropped: Partial<Record<DropReason, number>>
  readonly rejected: readonly { readonly line: number; readonly code: ProblemCode }[]
  readonly rejectedTotal: number
}

export class EventsReceipt {
  accepted = 0
  private readonly dropped: Partial<Record<DropReason, number>> = {}
  private readonly rejected: { line: number; code: ProblemCode }[] = []
  private rejectedTotal = 0

  drop(reason: DropReason): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1
  }

  reject(line: number, code: ProblemCode): void {
    this.rejectedTotal++
    if (this.rejected.length < MAX_LISTED) this.rejected.push({ line, code })
  }

  body(): ReceiptBody {
    const { accepted, dropped, rejected, rejectedTotal } = this
    return { accepted, dropped, rejected, rejectedTotal }
  }
}
