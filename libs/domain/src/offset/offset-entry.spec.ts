import { expect, it } from 'vitest'
import { entryId, parseEntryId } from './offset-entry.js'

it.each([
  [{ revision: 1, place: 1 }, '1-1'],
  [{ revision: 4_294_967_295, place: 100_000 }, '4294967295-100000'],
])('the id of the entry at %j is %s, and tells it again', (at, id) => {
  expect(entryId(at)).toBe(id)
  expect(parseEntryId(id)).toEqual(at)
})

it.each(['', '1', '1-', '-1', '0-1', '1-0', '01-1', '1-1-1', '1-1 ', '-1-1', '1.0-1', '99999999999-1', '1-1000000'])(
  'no entry has the id "%s"',
  (text) => {
    expect(parseEntryId(text)).toBeNull()
  },
)
