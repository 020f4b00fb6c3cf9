import { describe, expect, it } from 'vitest'
import { engagedSeconds } from './engaged-time.js'

describe('engagedSeconds', () => {
  it.each([
    [0, 0],
    [2999, 0],
    [3000, 3],
    [3499, 3],
    [3500, 4],
    [3_600_000, 3600],
    [9_000_000, 3600],
  ])('reports %d ms as %d s', (visibleMs, expected) => {
    expect(engagedSeconds(visibleMs)).toBe(expected)
  })
})
