import { describe, expect, it } from 'vitest'
import type { FeedState } from './feed-state.js'
import { readOptions } from './options.js'
import { clockTime, widgetModel, type WidgetModel } from './widget-model.js'

const NUMBERS = {
  asOf: '2026-11-23T16:31:15+07:00',
  online: 40,
  today: 1021,
  yesterday: 990,
  week: 7667,
  month: 37_087,
  year: 229_537,
  total: 2_390_402,
}

function model(state: FeedState, attributes: Record<string, string> = {}): WidgetModel {
  const options = readOptions((name) => attributes[name] ?? null, { site: 'demo', api: '' })
  return widgetModel(options, state) as WidgetModel
}

const known = (changes: object = {}): FeedState => ({ kind: 'known', numbers: { ...NUMBERS, ...changes } })
const linesOf = ({ lines }: WidgetModel) => lines.map(({ label, value }) => `${label}: ${value}`)

describe('widgetModel', () => {
  it('has the default look of the contract', () => {
    const shown = model(known())
    expect(shown.heading).toBe('Thống kê truy cập')
    expect(shown.total?.cells.join('')).toBe('002390402')
    expect(shown.total?.label).toBe('Tổng lượt truy cập: 2.390.402')
    expect(linesOf(shown)).toEqual([
      'Đang online: 40',
      'Trong tuần: 7.667',
      'Trong tháng: 37.087',
      'Trong năm: 229.537',
    ])
    expect(shown).toMatchObject({ note: '', state: 'fresh', language: 'vi-VN' })
  })

  it('speaks English when asked to', () => {
    const shown = model(known(), { lang: 'en-GB', show: 'week,today,yesterday' })
    expect(shown.total).toBeUndefined()
    expect(linesOf(shown)).toEqual(['This week: 7,667', 'Today: 1,021', 'Yesterday: 990'])
    expect(shown.language).toBe('en')
  })

  it('takes another heading, or none', () => {
    expect(model(known(), { heading: 'Lượt đọc' }).heading).toBe('Lượt đọc')
    expect(model(known(), { heading: '' }).heading).toBe('')
  })

  it('shows a dash for a number that is null or missing', () => {
    const shown = model({ kind: 'known', numbers: { online: null, week: 7 } })
    expect(linesOf(shown)).toEqual(['Đang online: –', 'Trong tuần: 7', 'Trong tháng: –', 'Trong năm: –'])
    expect(shown.total).toEqual({ cells: Array.from('–––––––––'), label: 'Tổng lượt truy cập: –' })
  })

  it('says since when stale numbers stand, in the zone of the site', () => {
    expect(model(known({ stale: true }))).toMatchObject({ state: 'stale', note: 'Số liệu lúc 16:31' })
    expect(model(known({ stale: true }), { lang: 'en' }).note).toBe('Figures as of 16:31')
    expect(model(known({ stale: true, asOf: undefined }))).toMatchObject({ state: 'stale', note: '' })
  })

  it('keeps its shape and shows no digit while loading and after a first failure', () => {
    for (const kind of ['loading', 'failed'] as const) {
      const shown = model({ kind })
      expect(shown.total?.cells).toHaveLength(9)
      expect(shown.lines).toHaveLength(4)
      expect(JSON.stringify([shown.total, shown.lines])).not.toMatch(/\d/)
    }
  })

  it('tells a number on its way from one that is not known', () => {
    expect(linesOf(model({ kind: 'loading' }, { show: 'online' }))).toEqual(['Đang online: …'])
    expect(linesOf(model({ kind: 'failed' }, { show: 'online' }))).toEqual(['Đang online: –'])
  })

  it('is nothing for a site that does not exist', () => {
    expect(model({ kind: 'unknown-site' })).toBeUndefined()
  })
})

describe('clockTime', () => {
  it.each([
    ['2026-11-23T16:31:15+07:00', '16:31'],
    ['2026-11-23T00:05:00Z', '00:05'],
    ['yesterday', ''],
    [null, ''],
  ])('reads %j as "%s"', (asOf, expected) => {
    expect(clockTime(asOf)).toBe(expected)
  })
})
