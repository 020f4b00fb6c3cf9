import { expect, it } from 'vitest'
import { takenMediaType } from './media-type.js'

const TAKEN = new Set(['', 'text/plain', 'application/json'] as const)

it.each([
  [undefined, ''],
  ['text/plain', 'text/plain'],
  ['text/plain;charset=UTF-8', 'text/plain'],
  ['Text/Plain; Charset="utf-8"', 'text/plain'],
  ['application/json; charset=utf8', 'application/json'],
  ['application/json; profile=x', 'application/json'],
  ['text/plain; charset=iso-8859-1', null],
  ['text/plain; charset=utf-16', null],
  ['application/x-www-form-urlencoded', null],
  ['text/html', null],
  ['application/jsonp', null],
])('of a body of type %s takes %s', (contentType, taken) => {
  expect(takenMediaType(contentType === undefined ? {} : { 'content-type': contentType }, TAKEN)).toBe(taken)
})

it.each(['gzip', 'br', 'identity', ''])('takes nothing with the Content-Encoding "%s"', (encoding) => {
  expect(takenMediaType({ 'content-type': 'text/plain', 'content-encoding': encoding }, TAKEN)).toBeNull()
})
