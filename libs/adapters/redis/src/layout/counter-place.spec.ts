import { describe, expect, it } from 'vitest'
import { bucketsOf, UNITS } from '#domain'
import { counterPlace, unitField } from './counter-place.js'

describe('the places of counters', () => {
  it.each([
    ['d2026-11-24', '2026-11', 'd24'],
    ['wm2026-11-23', '2026-11', 'wm23'],
    ['ws2026-11-22', '2026-11', 'ws22'],
    ['m2026-11', '2026-11', 'm'],
    ['y2026', 'all', 'y2026'],
    ['t', 'all', 't'],
  ])('of bucket %s are in %s at %s', (bucket, chunk, field) => {
    expect(counterPlace(bucket)).toEqual({ chunk, field })
  })

  it('differ from bucket to bucket, and no month has more than a listpack takes', () => {
    const buckets = new Map<string, string>()
    const chunks = new Map<string, number>()
    for (let day = 20_000; day < 24_000; day++) {
      for (const bucket of Object.values(bucketsOf(day))) {
        const { chunk, field } = counterPlace(bucket)
        const place = `${chunk}/${field}`
        if (!buckets.has(place)) chunks.set(chunk, (chunks.get(chunk) ?? 0) + UNITS.length)
        else if (buckets.get(place) !== bucket) throw new Error(`${bucket} lies where ${buckets.get(place)} does`)
        buckets.set(place, bucket)
      }
    }
    expect(Math.max(...chunks.values())).toBe(126)
    expect(new Set(UNITS.map((unit) => unitField('m', unit))).size).toBe(UNITS.length)
  })
})
