import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GenerationCache } from './generation-cache.js'

interface Value {
  readonly of: string
}

describe('a cache of two generations', () => {
  it('keeps what is asked for again and lets the rest go', () => {
    // capacity 4    a b | c d    a asked: moves to the young half
    //               c d | a e    b is gone
    const cache = new GenerationCache<Value>(4)
    for (const key of ['a', 'b', 'c']) cache.set(key, { of: key })
    expect(cache.get('a')).toEqual({ of: 'a' })
    for (const key of ['d', 'e']) cache.set(key, { of: key })
    expect(['a', 'b', 'e'].map((key) => cache.get(key)?.of)).toEqual(['a', undefined, 'e'])
  })

  it('holds no more than its capacity, always the last half of it, and never a wrong value', () => {
    const key = fc.constantFrom(...'abcdefghijklmnop')
    const operations = fc.array(fc.tuple(fc.boolean(), key), { maxLength: 200 })
    fc.assert(
      fc.property(operations, fc.constantFrom(2, 4, 8), (steps, capacity) => {
        const cache = new GenerationCache<Value>(capacity)
        let used: string[] = []
        for (const [writes, name] of steps) {
          if (writes) cache.set(name, { of: name })
          const mustBeThere = writes || used.slice(0, capacity / 2).includes(name)
          const found = cache.get(name)
          expect(found?.of ?? (mustBeThere ? 'gone' : name)).toBe(name)
          if (found !== undefined) used = [name, ...used.filter((other) => other !== name)]
          expect(cache.size).toBeLessThanOrEqual(capacity)
        }
      }),
    )
  })
})
