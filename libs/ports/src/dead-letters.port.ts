/** Why a record was set aside: it can never be decoded, or it waited too long (contract section 1, Too late). */
export type DeadLetterReason = 'poison' | 'too_late'

export interface DeadLetter {
  readonly reason: DeadLetterReason
  readonly partition: number
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Keeps records that are in no number, with their reason and place. */
export interface DeadLetters {
  /** Durable when it resolves; the same letter twice is one. */
  add(letters: readonly DeadLetter[]): Promise<void>
}
export const DEAD_LETTERS = Symbol('DeadLetters')
