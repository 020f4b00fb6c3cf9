/**
 * Turns days that nothing can reach any more into rows of their numbers, which are the truth from then on. Called in turn
 * with `EventStore.insert` of the same partition, when everything that could reach those days is stored.
 */
export interface DaySealer {
  /** The last sealed local day of the partition's sites (days since 1970-01-01); null when none is. Rejects when the store is away. */
  sealedThrough(partition: number): Promise<number | null>
  /** Seals every day up to and with `throughDay`. Doing it twice, in whole or in part, changes nothing. */
  seal(partition: number, throughDay: number): Promise<void>
  /** Removes the raw events of sealed days up to and with `throughDay`; every number stays. Resolves when they are gone. */
  dropRaw(partition: number, throughDay: number): Promise<void>
}
export const DAY_SEALER = Symbol('DaySealer')
