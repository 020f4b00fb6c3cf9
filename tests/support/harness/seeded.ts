/** Random numbers that a seed makes again: a failure that names its seed can be repeated. */
export interface Dice {
  readonly seed: number
  /** Whole, from 0 to below `end`. */
  below(end: number): number
  oneOf<T>(values: readonly T[]): T
}

/** The seed of this run: `SEED` of the environment, else of the clock. Print it. */
export function seedOfRun(): number {
  return Number(process.env['SEED'] ?? Date.now() % 1_000_000_007)
}

/** Mulberry32: 32 bits of state, good enough to mix a test's input. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    seed,
    below,
    oneOf: (values) => {
      if (values.length === 0) throw new Error('one of nothing')
      return values[below(values.length)] as (typeof values)[number]
    },
  }
}
