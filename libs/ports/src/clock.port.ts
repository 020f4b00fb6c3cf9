/** The server's clock. Rules never read it; the edges hand its time in. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}
export const CLOCK = Symbol('Clock')

export const systemClock: Clock = { now: () => Date.now() }
