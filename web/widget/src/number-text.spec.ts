import { describe, expect, it } from 'vitest'
import { countText, groupDigits, odometerCells, readCount } from './number-text.js'

describe('readCount', () => {
  it.each([0, 57, 2_390_402])('takes %d', (count) => {
    expect(readCount(count)).toBe(count)
  })

  it.each([[null], [undefined], ['40'], [-1], [NaN], [Infinity], [{}], [true]])(
    'does not take %j for a count',
    (value) => {
      expect(readCount(value)).toBeUndefined()
    },
  )
})

describe('groupDigits', () => {
  it.each([
    [0, '0', '0'],
    [40, '40', '40'],
    [7667, '7.667', '7,667'],
    [37_087, '37.087', '37,087'],
    [229_537, '229.537', '229,537'],
    [2_390_402, '2.390.402', '2,390,402'],
    [1_000_000_000, '1.000.000.000', '1,000,000,000'],
  ])('writes %d as %s in Vietnamese and %s in English', (count, vi, en) => {
    expect(groupDigits(count, 'vi-VN')).toBe(vi)
    expect(groupDigits(count, 'en')).toBe(en)
  })
})

describe('countText', () => {
  it('is a dash for what is not known, never a zero', () => {
    expect(countText(null, 'vi-VN')).toBe('–')
    expect(countText(undefined, 'vi-VN')).toBe('–')
    expect(countText(0, 'vi-VN')).toBe('0')
  })
})

describe('odometerCells', () => {
  it.each([
    [2_390_402, 9, '002390402'],
    [0, 9, '000000000'],
    [999_999_999, 9, '999999999'],
    [1_000_000_000, 9, '1000000000'],
    [12, 1, '12'],
    [null, 9, '–––––––––'],
    [undefined, 3, '–––'],
  ])('shows %j in %d digits as %s', (count, digits, expected) => {
    const cells = odometerCells(count, digits, '–')
    expect(cells.join('')).toBe(expected)
    expect(cells.every((cell) => cell.length === 1)).toBe(true)
  })
})
