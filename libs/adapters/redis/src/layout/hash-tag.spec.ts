import { describe, expect, it } from 'vitest'
import { hashTags, slotOf } from './hash-tag.js'

describe('the hash tags', () => {
  it('have the slots that Redis Cluster says', () => {
    // CLUSTER KEYSLOT of a redis-server 7.0
    expect([slotOf('123456789'), slotOf('foo'), slotOf('')]).toEqual([12739, 12182, 0])
  })

  it.each([1, 3, 4, 32, 100])('of %i partitions lie in equal ranges of slots, one each', (partitions) => {
    for (const [partition, tag] of hashTags(partitions).entries()) {
      expect(Math.floor((slotOf(tag) * partitions) / 16_384)).toBe(partition)
    }
  })

  it('are always the same, as keys are found by them', () => {
    expect(hashTags(32).slice(0, 3)).toEqual(['0.13', '1.21', '2.1q'])
  })
})
