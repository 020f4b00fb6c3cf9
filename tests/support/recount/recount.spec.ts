import { describe, expect, it } from 'vitest'
import type { Fact, RecountSite } from './index.js'
import { recount, recountSite } from './index.js'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
let made = 0

/** Seconds of a Vietnamese wall clock. */
const vn = (clock: string) => Date.parse(`${clock}+07:00`) / 1000

function fact(t: number, overrides: Partial<Fact> = {}): Fact {
  made += 1
  return {
    door: 'beacon',
    site: 'demo',
    type: 'view',
    id: `id-${made}`,
    t,
    address: '203.0.113.7',
    userAgent: CHROME,
    url: 'https://example.vn/',
    ...overrides,
  }
}

const todayOf = (facts: readonly Fact[], now: number, site: RecountSite = recountSite()) => {
  const { pageviews, visits, visitors } = recount(site, facts).numbersAt(now)
  return [pageviews.today, visits.today, visitors.today]
}

describe('the run rule, seen through visits', () => {
  // timeout 1,800 s       0 s        1,800 s          3,601 s
  //                       |---same run---|---new run----|
  const noon = vn('2026-11-23T12:00:00')
  it.each([
    { gaps: [0], visits: 1 },
    { gaps: [0, 1800], visits: 1 },
    { gaps: [0, 1801], visits: 2 },
    { gaps: [0, 1800, 3600], visits: 1 },
    { gaps: [0, 1800, 3601], visits: 2 },
    { gaps: [3601, 0, 1800], visits: 2 },
    { gaps: [5, 5, 5], visits: 1 },
  ])('counts $visits visits for views at $gaps seconds', ({ gaps, visits }) => {
    const views = gaps.map((gap) => fact(noon + gap))
    expect(todayOf(views, noon + 7200)).toEqual([gaps.length, visits, 1])
  })

  it('uses the timeout that was stamped on the later point', () => {
    const short = { settingsAtIntake: { visitTimeoutSeconds: 300 } }
    expect(todayOf([fact(noon, short), fact(noon + 1000)], noon + 2000)).toEqual([2, 1, 1])
    expect(todayOf([fact(noon), fact(noon + 1000, short)], noon + 2000)).toEqual([2, 2, 1])
  })

  it('takes custom events as points, and neither heartbeats nor leaves', () => {
    const others: Fact[] = [
      fact(noon, { type: 'event' }),
      fact(noon + 4000, { type: 'heartbeat' }),
      fact(noon + 8000, { type: 'leave' }),
    ]
    expect(todayOf(others, noon + 9000)).toEqual([0, 1, 1])
  })

  it('ends a visit at local midnight', () => {
    //        23:59:50 | 00:00:10
    const late = vn('2026-11-23T23:59:50')
    const both = recount(recountSite(), [fact(late), fact(late + 20)])
    expect([...both.days]).toEqual([
      ['2026-11-23', { pageviews: 1, visits: 1, visitors: 1 }],
      ['2026-11-24', { pageviews: 1, visits: 1, visitors: 1 }],
    ])
    expect(both.viewsOf('/')).toBe(2)
  })
})

describe('repeats', () => {
  const noon = vn('2026-11-23T12:00:00')
  it('counts an id once whatever the door, case or dashes', () => {
    const spellings = [
      '019ab2c3-d4e5-7f60-8a1b-2c3d4e5f6071',
      '019AB2C3-D4E5-7F60-8A1B-2C3D4E5F6071',
      '019ab2c3d4e57f608a1b2c3d4e5f6071',
    ]
    const facts = spellings.map((id, at) => fact(noon + at * 4000, { id, door: at === 2 ? 'server' : 'beacon' }))
    expect(todayOf(facts, noon + 9000)).toEqual([1, 1, 1])
    expect(todayOf([fact(noon, { id: 'Order-1' }), fact(noon, { id: 'order-1' })], noon)).toEqual([2, 1, 1])
  })

  it('lets a repeat change nothing, not even online', () => {
    const facts = [fact(noon, { id: 'same' }), fact(noon + 400, { id: 'same' })]
    expect(recount(recountSite(), facts).onlineAt(noon + 400)).toBe(0)
  })

  it('does not let a dropped copy use up the id', () => {
    const facts = [fact(noon, { id: 'same', bot: true }), fact(noon, { id: 'same' })]
    expect(todayOf(facts, noon)).toEqual([1, 1, 1])
  })
})

describe('visitors', () => {
  const noon = vn('2026-11-23T12:00:00')
  it.each([
    {
      case: 'an IPv4 and its mapped form',
      addresses: ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:cb00:7107'],
      count: 1,
    },
    { case: 'one /64', addresses: ['2001:db8:0:1::1', '2001:DB8::1:ffff:ffff:ffff:ffff'], count: 1 },
    { case: 'two /64', addresses: ['2001:db8:0:1::1', '2001:db8:0:2::1'], count: 2 },
    { case: 'two IPv4', addresses: ['203.0.113.7', '203.0.113.8'], count: 2 },
  ])('counts $case as $count', ({ addresses, count }) => {
    const facts = addresses.map((address) => fact(noon, { address }))
    expect(todayOf(facts, noon)).toEqual([addresses.length, count, count])
  })

  it('tells User-Agents apart verbatim, and takes a name in place of both at the server door', () => {
    expect(todayOf([fact(noon), fact(noon, { userAgent: `${CHROME} ` })], noon)).toEqual([2, 2, 2])
    const named = ['203.0.113.7', '198.51.100.1'].map((address) =>
      fact(noon, { door: 'server', address, visitorName: 'an' }),
    )
    expect(todayOf(named, noon)).toEqual([2, 1, 1])
  })

  it.each<{ case: string; overrides: Partial<Fact>; visits: number }>([
    { case: 'no referrer', overrides: {}, visits: 1 },
    { case: 'an unparsable referrer', overrides: { referrer: 'nowhere' }, visits: 1 },
    { case: 'the page’s own host', overrides: { referrer: 'http://WWW.example.vn.:8080/x' }, visits: 0 },
    { case: 'a host of the site', overrides: { referrer: 'https://tin.bao.vn/' }, visits: 0 },
    { case: 'another host', overrides: { referrer: 'https://bao.vn/' }, visits: 1 },
    { case: 'a custom event', overrides: { type: 'event' }, visits: 0 },
  ])('counts $visits visits without visitor for $case', ({ overrides, visits }) => {
    const site = recountSite({ hosts: ['example.vn', '*.bao.vn'] })
    const one = fact(noon, { privacy: true, ...overrides })
    expect(todayOf([one], noon, site)).toEqual([one.type === 'view' ? 1 : 0, visits, 0])
  })

  it('has no visitor at the server door when nothing tells one', () => {
    const { address, userAgent, ...nobody } = fact(noon, { door: 'server' })
    expect([address, userAgent]).not.toContain(undefined)
    expect(todayOf([nobody], noon)).toEqual([1, 1, 0])
    expect(recount(recountSite(), [nobody]).onlineAt(noon)).toBe(0)
  })
})

describe('views of a path', () => {
  const noon = vn('2026-11-23T12:00:00')
  it('counts runs per visitor and path with 1,800 s, whatever the site’s visit timeout', () => {
    const views = [
      fact(noon),
      fact(noon + 1800, { url: 'https://example.vn/index.html#top' }),
      fact(noon + 3601),
      fact(noon + 900, { url: 'https://example.vn/a' }),
      fact(noon + 901, { url: 'https://example.vn/a/', userAgent: 'Other' }),
    ]
    const counted = recount(recountSite({ visitTimeoutSeconds: 300 }), views)
    expect([...counted.views]).toEqual([
      ['/', 2],
      ['/a', 2],
    ])
    expect(counted.viewsByDay.get('2026-11-23')?.get('/a')).toBe(2)
    expect(counted.viewsOf('https://example.vn/a///')).toBe(2)
    expect(counted.viewsOf('/never')).toBe(0)
  })

  it('counts each view without visitor', () => {
    const views = [0, 1, 2].map((gap) => fact(noon + gap, { privacy: true, referrer: 'https://example.vn/' }))
    expect(recount(recountSite(), views).viewsOf('/')).toBe(3)
  })
})

/** One browser ten seconds before and ten seconds after a turn. */
const around = (turn: number) => [fact(turn - 10), fact(turn + 10)]

describe('online', () => {
  const noon = vn('2026-11-23T12:00:00')
  it.each([
    { seconds: -1, online: 0 },
    { seconds: 0, online: 1 },
    { seconds: 299, online: 1 },
    { seconds: 300, online: 0 },
  ])('shows $online online $seconds s after a view', ({ seconds, online }) => {
    expect(recount(recountSite(), [fact(noon)]).onlineAt(noon + seconds)).toBe(online)
  })

  it('takes heartbeats without looking at their ids, not leaves, and nothing over an hour old', () => {
    const facts = [
      fact(noon, { type: 'heartbeat', id: 'x', userAgent: 'A' }),
      fact(noon + 1, { type: 'heartbeat', id: 'x', userAgent: 'B' }),
      fact(noon, { type: 'leave', userAgent: 'C' }),
      fact(noon, { ageSeconds: 3600, userAgent: 'D' }),
      fact(noon, { ageSeconds: 3601, userAgent: 'E' }),
    ]
    expect(recount(recountSite(), facts).onlineAt(noon + 2)).toBe(3)
  })

  it('keeps a reader who stays over midnight one, and makes two of one who stays over four', () => {
    const midnight = vn('2026-11-24T00:00:00')
    expect(recount(recountSite(), around(midnight)).onlineAt(midnight + 20)).toBe(1)
    const four = vn('2026-11-24T04:00:00')
    expect(recount(recountSite(), around(four)).onlineAt(four + 20)).toBe(2)
  })
})

describe('drops', () => {
  const noon = vn('2026-11-23T12:00:00')
  it('drops bots unless the site counts them, and a beacon without User-Agent is one', () => {
    const facts = [
      fact(noon, { bot: true, userAgent: 'Crawler' }),
      fact(noon, { userAgent: '' }),
      fact(noon, { door: 'server', userAgent: '' }),
      fact(noon, { dropped: true }),
    ]
    expect(todayOf(facts, noon)).toEqual([1, 1, 1])
    // The nameless beacon and the nameless server event share an address: one visitor.
    expect(todayOf(facts, noon, recountSite({ bots: 'count' }))).toEqual([3, 2, 2])
  })

  it('passes over the facts of other sites', () => {
    expect(todayOf([fact(noon, { site: 'other' })], noon)).toEqual([0, 0, 0])
  })
})
