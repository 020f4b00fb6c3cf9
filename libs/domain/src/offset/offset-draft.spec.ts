import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarNumbers } from '../snapshot/snapshot.js'
import { addFor, breaksOrder, OffsetDraft } from './offset-draft.js'
import { MOST_SHOWN, type OffsetRequest } from './offset-entry.js'

const ONE: CalendarNumbers = { today: 1, yesterday: 0, week: 1, month: 1, year: 1, total: 1 }
const request = (field: OffsetRequest['field'], amount: OffsetRequest['amount'], path = ''): OffsetRequest => {
  return { field, path, reason: 'r', amount }
}
const draftOf = (numbers: CalendarNumbers, views: Record<string, number> = {}) =>
  new OffsetDraft(numbers, (path) => views[path] ?? 0)

describe('addFor', () => {
  it('is what is missing to the number that the owner typed', () => {
    expect(addFor({ shown: 2_390_401 }, 1)).toBe(2_390_400)
    expect(addFor({ shown: 0 }, 12)).toBe(-12)
    expect(addFor({ add: 7 }, 12)).toBe(7)
  })
})

describe('breaksOrder', () => {
  const good: CalendarNumbers = { today: 5, yesterday: 9, week: 20, month: 10, year: 10, total: 10 }
  it.each([
    ['week over month', {}, false],
    ['today over week', { today: 21 }, true],
    ['today over month', { today: 11, week: 20 }, true],
    ['month over year', { month: 11 }, true],
    ['year over total', { year: 11 }, true],
    ['total alone', { total: 9 }, true],
    ['all equal', { today: 5, week: 5, month: 5, year: 5, total: 5 }, false],
    ['today below 0', { today: -1 }, true],
    ['yesterday below 0', { yesterday: -1 }, true],
    ['yesterday over all', { yesterday: 1000 }, false],
  ])('%s: %j is %s', (_, change, expected) => {
    expect(breaksOrder({ ...good, ...change })).toBe(expected)
  })
})

describe('OffsetDraft', () => {
  it('reckons each entry from what is displayed after the ones before it', () => {
    const draft = draftOf(ONE, { '/a': 3 })
    const adds = [
      request('total', { shown: 100 }),
      request('total', { add: 5 }),
      request('total', { shown: 200 }),
      request('views', { shown: 57 }, '/a'),
      request('views', { shown: 60 }, '/a'),
      request('views', { shown: 4 }, '/b'),
    ].map((one) => draft.add(one)?.add)
    expect(adds).toEqual([99, 5, 95, 54, 3, 4])
    expect(draft.breaksOrder).toBe(false)
  })

  it('keeps what was typed', () => {
    const draft = draftOf(ONE)
    expect(draft.add(request('total', { shown: 10 }))).toEqual({
      field: 'total',
      path: '',
      add: 9,
      shown: 10,
      reason: 'r',
    })
    expect(draft.add(request('total', { add: -1 }))).toEqual({
      field: 'total',
      path: '',
      add: -1,
      shown: null,
      reason: 'r',
    })
  })

  it('judges at the end: a month may come before its year in one request, not alone', () => {
    const draft = draftOf(ONE)
    draft.add(request('month', { shown: 37_086 }))
    expect(draft.breaksOrder).toBe(true)
    draft.add(request('year', { shown: 229_536 }))
    draft.add(request('total', { shown: 2_390_401 }))
    expect(draft.breaksOrder).toBe(false)
  })

  it('refuses views below 0, of any of its paths', () => {
    const draft = draftOf(ONE, { '/a': 3 })
    draft.add(request('views', { add: -3 }, '/a'))
    expect(draft.breaksOrder).toBe(false)
    draft.add(request('views', { add: -1 }, '/b'))
    expect(draft.breaksOrder).toBe(true)
    draft.add(request('views', { add: 1 }, '/b'))
    expect(draft.breaksOrder).toBe(false)
  })

  it('takes an entry back only out of the numbers that still hold it', () => {
    const total = { field: 'total', path: '', add: 1, shown: null, reason: 'r' } as const
    const gone = draftOf(ONE)
    gone.takeBack({ ...total, field: 'week' }, [])
    expect(gone.breaksOrder).toBe(false)
    const standing = draftOf(ONE)
    standing.takeBack(total, ['total'])
    expect(standing.breaksOrder).toBe(true)
    const views = draftOf(ONE, { '/a': 0 })
    views.takeBack({ ...total, field: 'views', path: '/a' }, [])
    expect(views.breaksOrder).toBe(true)
  })

  it('makes no number that could lose its last digits', () => {
    const draft = draftOf(ONE)
    expect(draft.add(request('total', { add: MOST_SHOWN }))).toBeNull()
    expect(draft.add(request('total', { add: MOST_SHOWN - 1 }))).toMatchObject({ add: MOST_SHOWN - 1 })
    expect(draft.add(request('total', { add: 1 }))).toBeNull()
  })

  it('shows at its end what was typed last, and the adds come to exactly that', () => {
    const fields = fc.constantFrom('total' as const, 'year' as const, 'views' as const)
    const amounts = fc.oneof(
      fc.nat(10_000).map((shown) => ({ shown })),
      fc.integer({ min: -10_000, max: 10_000 }).map((add) => ({ add })),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, amounts)), (list) => {
        const draft = draftOf(ONE, { '/': 1 })
        const now = { total: 1, year: 1, views: 1 }
        const measured = { total: 1, year: 1, views: 1 }
        for (const [field, amount] of list) {
          const { add } = draft.add(request(field, amount, field === 'views' ? '/' : ''))!
          measured[field] += add
          now[field] = 'shown' in amount ? amount.shown : now[field] + amount.add
        }
        expect(measured).toEqual(now)
      }),
    )
  })
})
