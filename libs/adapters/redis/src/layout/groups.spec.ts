import { describe, expect, it } from 'vitest'
import { dayClosesAtMs, idDayClosesAtMs } from '#domain'
import {
  bucketKey,
  counterGroup,
  decodeCounts,
  encodeCounts,
  idGroup,
  isClosed,
  keysOf,
  ONE_KEY,
  runGroup,
  siteOf,
  viewsGroup,
} from './groups.js'

describe('the groups of keys', () => {
  it('know their site and all of their keys', () => {
    expect(keysOf(viewsGroup('demo'), ONE_KEY)).toEqual(['v/demo'])
    const run = runGroup(20_416, 'demo')
    expect(keysOf(run, [1, 9, 0, 0, 0])).toHaveLength(17)
    expect(keysOf(run, [0, 9, 0, 0, 0])).toContain(bucketKey(run, 1, 15))
    expect([run, counterGroup('all', 'a-b_c')].map(siteOf)).toEqual(['demo', 'a-b_c'])
    for (const counts of [ONE_KEY, [1, 0, 2, 0, 0]]) expect(decodeCounts(encodeCounts(counts))).toEqual(counts)
  })

  it('of days close when nothing can reach them any more, the others never', () => {
    expect(isClosed(runGroup(7, 'aa'), dayClosesAtMs(7))).toBe(false)
    expect(isClosed(runGroup(7, 'aa'), dayClosesAtMs(7) + 1)).toBe(true)
    expect(isClosed(idGroup(7, 'aa'), idDayClosesAtMs(7))).toBe(false)
    expect(isClosed(idGroup(7, 'aa'), idDayClosesAtMs(7) + 1)).toBe(true)
    expect(isClosed(counterGroup('2025-11', 'aa'), Number.MAX_SAFE_INTEGER)).toBe(false)
  })
})
