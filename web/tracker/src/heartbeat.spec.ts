import { describe, expect, it } from 'vitest'
import { heartbeatWaitMs } from './heartbeat.js'

const MINUTE = 60_000
const EVERY = 2 * MINUTE

describe('heartbeatWaitMs', () => {
  // view at 0, the reader touched the page at 0; h = a heartbeat is due
  //   0    1    2    3    4  ...  29   30 min
  //   view      h         h            idle
  it.each([
    [0, 0, 0, EVERY],
    [1, 0, 0, MINUTE],
    [2, 0, 0, 0],
    [3, 0, 0, -MINUTE],
    // An event at 1 min 30 s makes that of 2 min needless.
    [2, 1.5, 0, 1.5 * MINUTE],
    [29.9, 28, 0, 0.1 * MINUTE],
    [30, 28, 0, Infinity],
    [31, 28, 0, Infinity],
    // Input at 31 min after half an hour without: due at once.
    [31, 28, 31, -MINUTE],
  ])('at minute %d, last beacon at %d, last input at %d: %d ms', (now, counted, input, expected) => {
    expect(heartbeatWaitMs(now * MINUTE, counted * MINUTE, input * MINUTE, EVERY)).toBeCloseTo(expected)
  })

  it('is never due when heartbeats are off', () => {
    expect(heartbeatWaitMs(100 * MINUTE, 0, 99 * MINUTE, Infinity)).toBe(Infinity)
  })
})
