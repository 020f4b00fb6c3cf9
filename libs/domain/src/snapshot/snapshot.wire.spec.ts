import { describe, expect, it } from 'vitest'
import { SITE_DEFAULTS, type Site } from '../site/site.js'
import { viewsAnswer, widgetAnswer } from './snapshot.wire.js'

const site: Site = { ...SITE_DEFAULTS, id: 'demo' }
const numbers = { online: 40, today: 1021, yesterday: 990, week: 7667, month: 37_087, year: 229_537, total: 2_390_402 }
const fresh = { asOfMs: Date.parse('2026-11-23T18:20:15.700+07:00'), stale: false }
const stale = { ...fresh, stale: true }

describe('widgetAnswer', () => {
  it('is written as the contract shows it, field by field', () => {
    expect(widgetAnswer(site, numbers, fresh).body).toBe(
      '{"v":1,"site":"demo","tz":"Asia/Ho_Chi_Minh","unit":"visits","asOf":"2026-11-23T18:20:15+07:00","ttl":15,' +
        '"online":40,"onlineWindow":300,"today":1021,"yesterday":990,"week":7667,"month":37087,"year":229537,"total":2390402}',
    )
  })

  it('adds the views that were asked for, and no field for views that are not known', () => {
    expect(widgetAnswer(site, numbers, { ...fresh, views: 57 }).body).toMatch(/"total":2390402,"views":57}$/)
    expect(widgetAnswer(site, numbers, { ...stale }).body).not.toContain('views')
  })

  it('marks stale numbers, shows unknown online as null, and asks to come back sooner', () => {
    const body = JSON.parse(widgetAnswer(site, { ...numbers, online: null }, stale).body) as object
    expect(body).toMatchObject({ stale: true, online: null, ttl: 5, total: 2_390_402 })
  })

  it('has a weak tag that a later asOf does not change', () => {
    const { etag } = widgetAnswer(site, numbers, fresh)
    expect(etag).toMatch(/^W\/"[\w-]+"$/)
    expect(widgetAnswer(site, numbers, { ...fresh, asOfMs: fresh.asOfMs + 30_000 }).etag).toBe(etag)
  })

  it.each([
    ['a number', () => widgetAnswer(site, { ...numbers, yesterday: 991 }, fresh)],
    ['online', () => widgetAnswer(site, { ...numbers, online: 41 }, fresh)],
    ['the unit', () => widgetAnswer({ ...site, unit: 'visitors' }, numbers, fresh)],
    ['the stale flag', () => widgetAnswer(site, numbers, stale)],
    ['views', () => widgetAnswer(site, numbers, { ...fresh, views: 1 })],
  ])('has another tag when %s changes', (_, other) => {
    expect(other().etag).not.toBe(widgetAnswer(site, numbers, fresh).etag)
  })
})

describe('viewsAnswer', () => {
  it('is keyed as asked, in the order asked', () => {
    const views = new Map([
      ['/b', 0],
      ['/a', 57],
    ])
    expect(viewsAnswer(site, views, fresh).body).toBe(
      '{"v":1,"asOf":"2026-11-23T18:20:15+07:00","views":{"/b":0,"/a":57}}',
    )
    expect(viewsAnswer(site, views, stale).body).toMatch(/"\/a":57},"stale":true}$/)
  })

  it('carries any key that can be asked for', () => {
    const odd = '/"\\\n😀__proto__'
    expect(JSON.parse(viewsAnswer(site, new Map([[odd, 3]]), fresh).body)).toMatchObject({ views: { [odd]: 3 } })
  })

  it('has a weak tag over the views and the stale flag', () => {
    const tag = (count: number, state = fresh) => viewsAnswer(site, new Map([['/a', count]]), state).etag
    expect(tag(1, { ...fresh, asOfMs: 0 })).toBe(tag(1))
    expect(tag(2)).not.toBe(tag(1))
    expect(tag(1, stale)).not.toBe(tag(1))
  })
})
