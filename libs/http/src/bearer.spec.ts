import { describe, expect, it } from 'vitest'
import { bearerToken } from './bearer.js'

describe('bearerToken', () => {
  it.each([
    ['Bearer tcp_owner_abc-DEF_1', 'tcp_owner_abc-DEF_1'],
    ['bearer  k', 'k'],
    ['BEARER a.b~c+d/e==', 'a.b~c+d/e=='],
    [undefined, null],
    ['', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer a b', null],
    ['Basic dXNlcjpwYXNz', null],
    ['Bearer ké', null],
    [`Bearer ${'k'.repeat(513)}`, null],
  ])('of %j is %j', (header, expected) => {
    expect(bearerToken(header)).toBe(expected)
  })
})
