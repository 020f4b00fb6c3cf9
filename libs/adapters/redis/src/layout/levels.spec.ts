import { describe, expect, it } from 'vitest'
import { bucketOf, LEVEL_BUCKETS, levelForNext, RECORDS_PER_BUCKET, usedLevels } from './levels.js'

describe('the levels', () => {
  it('take new records from the smallest on, each until it is full', () => {
    const counts = LEVEL_BUCKETS.map(() => 0)
    const firstOf = new Map<number, number>()
    for (let n = 0; n < 30_000; n++) {
      const level = levelForNext(counts, undefined)
      if (!firstOf.has(level)) firstOf.set(level, n)
      counts[level]++
    }
    expect([...firstOf]).toEqual([
      [0, 0],
      [1, 80],
      [2, 80 + 1280],
      [3, 80 + 1280 + 20_480],
    ])
  })

  it('begin where the day before would have fitted, and the largest takes whatever comes', () => {
    expect(levelForNext(undefined, [80, 1200, 0, 0, 0])).toBe(1)
    expect(levelForNext(undefined, [80, 1280, 20_000, 0, 0])).toBe(3)
    expect(levelForNext(undefined, [0, 0, 0, 0, 99_000_000])).toBe(4)
    expect(levelForNext([0, 0, 0, 0, 99_000_000], undefined)).toBe(4)
  })

  it('go on with the level in use, whatever the day before was', () => {
    expect(levelForNext([0, 0, 5, 0, 0], [1, 0, 0, 0, 0])).toBe(2)
    expect(usedLevels([0, 0, 5, 0, 1])).toEqual([2, 4])
    expect(usedLevels(undefined)).toEqual([])
  })

  it('spread records that differ in few bits so that no bucket outgrows a listpack', () => {
    for (const make of [(n: number) => [n, 0, 0, 0], (n: number) => [0, 0, 0, n], (n: number) => [7, n << 12, 9, n]]) {
      const sizes = new Map<number, number>()
      for (let n = 0; n < 4096 * RECORDS_PER_BUCKET; n++) {
        const bucket = bucketOf(3, ...(make(n) as [number, number, number, number]))
        sizes.set(bucket, (sizes.get(bucket) ?? 0) + 1)
      }
      expect(Math.max(...sizes.values())).toBeLessThanOrEqual(128)
    }
  })
})
