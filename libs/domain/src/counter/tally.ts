/** What becomes of a record of the log: exactly one of these. In this order they are kept. */
export const OUTCOMES = ['counted', 'repeat', 'heartbeat', 'leave', 'erase', 'too_late', 'poison'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** How many records had which outcome. */
export type Tally = Readonly<Record<Outcome, number>>

/** In the order of `OUTCOMES`; what is missing is 0. */
export function tallyOf(counts: readonly number[]): Tally {
  return Object.fromEntries(OUTCOMES.map((outcome, n) => [outcome, counts[n] ?? 0])) as Record<Outcome, number>
}

/** In the order of `OUTCOMES`, as `tallyOf` takes them. */
export const countsOf = (tally: Tally): number[] => OUTCOMES.map((outcome) => tally[outcome])

export const NO_TALLY: Tally = tallyOf([])

export function addTallies(a: Tally, b: Tally): Tally {
  return tallyOf(OUTCOMES.map((outcome) => a[outcome] + b[outcome]))
}

/** What a state applied of its partition: the records from `base`, where it was begun or made anew, to before `next`. */
export interface PartitionTally {
  readonly base: number
  readonly next: number
  readonly tally: Tally
}

/** Records of which nobody knows what became, or (negative) that were taken more than once: 0 unless there is a bug. */
export function unaccounted({ base, next, tally }: PartitionTally): number {
  return countsOf(tally).reduce((left, count) => left - count, next - base)
}
