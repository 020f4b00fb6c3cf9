import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf } from './partition.js'

describe('partitionOf', () => {
  // Vectors of the Java client's own test (UtilsTest.testMurmur2).
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(text)).toBe(hash)
  })

  it('keeps a site in one partition of those there are', () => {
    expect(partitionOf('foobar', 32)).toBe((-790332482 & 0x7fffffff) % 32)
    expect(partitionOf('foobar', 1)).toBe(0)
  })
})
