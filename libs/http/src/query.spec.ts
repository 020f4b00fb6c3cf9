import { describe, expect, it } from 'vitest'
import { readQuery, splitTarget } from './query.js'

describe('splitTarget', () => {
  it.each([
    ['/w/demo.json', '/w/demo.json', ''],
    ['/w/demo.json?', '/w/demo.json', ''],
    ['/w/demo.json?p=/a?b=c', '/w/demo.json', 'p=/a?b=c'],
    ['/w/demo.json?p=/a#x', '/w/demo.json', 'p=/a'],
    ['', '', ''],
  ])('of %j is %j and %j', (url, path, query) => {
    expect(splitTarget(url)).toEqual({ path, query })
  })
})

describe('readQuery', () => {
  it('gives all values of the known keys, decoded', () => {
    const read = readQuery('p=%2Fa+b&p=/c', ['p'])
    expect('params' in read && read.params.getAll('p')).toEqual(['/a b', '/c'])
  })

  it.each([
    ['utm=1', 'utm'],
    ['p=/a&P=/b&x=1', 'P'],
    ['=1', ''],
    ['__proto__=1', '__proto__'],
  ])('refuses %j by the name of its first unknown key', (query, field) => {
    expect(readQuery(query, ['p'])).toEqual({ problem: { code: 'unknown_parameter', field } })
  })

  it('takes an empty query', () => {
    expect(readQuery('', [])).toMatchObject({ params: expect.any(URLSearchParams) as URLSearchParams })
  })
})
