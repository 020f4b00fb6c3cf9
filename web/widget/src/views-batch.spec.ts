import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathQuery, viewsQueries } from './views-batch.js'

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `/tin/${1000 + index}`)
const pathsOf = (query: string) => new URLSearchParams(query).getAll('p')

describe('pathQuery', () => {
  it.each([
    ['/', 'p=%2F'],
    ['/tin?id=12&x=1', 'p=%2Ftin%3Fid%3D12%26x%3D1'],
    ['/tin/m%E1%BB%9Bi', 'p=%2Ftin%2Fm%25E1%25BB%259Bi'],
    ['/tin/mới', 'p=%2Ftin%2Fm%E1%BB%9Bi'],
    ['https://example.vn/a', 'p=https%3A%2F%2Fexample.vn%2Fa'],
  ])('asks for %s as %s', (path, expected) => {
    expect(pathQuery(path)).toBe(expected)
  })

  it.each(['tin/123', '', 'ftp://example.vn/a', 'https://', '/\ud800'])(
    'does not ask for %j, which the door refuses',
    (path) => {
      expect(pathQuery(path)).toBeUndefined()
    },
  )
})

describe('viewsQueries', () => {
  it('asks for each path once, sorted', () => {
    expect(viewsQueries(['/b', '/a', '/b', '/'])).toEqual(['p=%2F&p=%2Fa&p=%2Fb'])
  })

  it('asks for at most 50 in a request', () => {
    expect(viewsQueries([])).toEqual([])
    expect(viewsQueries(numbered(50)).map((query) => pathsOf(query).length)).toEqual([50])
    expect(viewsQueries(numbered(120)).map((query) => pathsOf(query).length)).toEqual([50, 50, 20])
  })

  it('leaves out a path that would have the others refused', () => {
    expect(viewsQueries(['/b', 'tin/123', '/a'])).toEqual(['p=%2Fa&p=%2Fb'])
  })

  it('asks for every path once, in requests that proxies let through', () => {
    const path = fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => `/${text}`)
    fc.assert(
      fc.property(fc.array(path, { maxLength: 130 }), (paths) => {
        const queries = viewsQueries(paths)
        const valid = paths.filter((one) => pathQuery(one) !== undefined)
        expect(queries.flatMap(pathsOf)).toEqual([...new Set(valid)].sort())
        for (const query of queries) {
          expect(pathsOf(query).length).toBeLessThanOrEqual(50)
          expect(query.length <= 7000 || pathsOf(query).length === 1).toBe(true)
        }
      }),
    )
  })
})
