import { describe, expect, it } from 'vitest'
import { type Event, type Site, visitorHash, visitorHashOfName } from '#domain'
import { BROWSER, DaySalts, NOW_MS, OneOfEach, site } from '../testing/fakes.js'
import { EventMaker } from './event-maker.js'
import type { Reader, Said, Sighting } from './sighting.js'

const HOUR_MS = 3_600_000

const READER: Reader = { address: '203.0.113.7', network: '203.0.113.7', userAgent: BROWSER, visitorName: '' }

const SAID: Said = {
  siteId: 'demo',
  type: 'view',
  id: new Uint8Array(16).fill(7),
  url: 'https://example.vn/a',
  referrer: '',
  title: '',
  language: '',
  name: '',
  props: '',
}

interface Given {
  said?: Partial<Said>
  reader?: Partial<Reader>
  sighting?: Partial<Sighting>
  settings?: Partial<Site>
  page?: { path: string; host: string } | null
  bot?: boolean
}

function draftOf({ said, reader, sighting, settings, page, bot = false }: Given) {
  return {
    sighting: {
      said: { ...SAID, ...said },
      reader: { ...READER, ...reader },
      receivedAtMs: NOW_MS,
      atMs: NOW_MS,
      idAtMs: NOW_MS,
      anonymous: false,
      automated: false,
      prefetch: false,
      ...sighting,
    },
    site: site('demo', settings),
    page: page === undefined ? { path: '/a', host: 'example.vn' } : page,
    bot,
  }
}

function make(given: Given = {}, salts = new DaySalts()): Event {
  const event = new EventMaker(salts, new OneOfEach()).make(draftOf(given))
  if (event === null) throw new Error('a salt was lacking')
  return event
}

/** Days since 1970-01-01. */
function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000
}

function saltOf(date: string): string {
  return String(dayNumber(date)).padStart(64, '0')
}

/** The reader's hash under the salt of a date. */
function hashUnder(date: string): Uint8Array {
  return visitorHash(saltOf(date), 'demo', '203.0.113.7', BROWSER)
}

describe('time', () => {
  it('cuts t to whole seconds and keeps the receipt in milliseconds', () => {
    const event = make({ sighting: { receivedAtMs: NOW_MS + 999, atMs: NOW_MS + 999 - 1000 } })
    expect(event.t).toBe(NOW_MS / 1000 - 1)
    expect(event.receivedAtMs).toBe(NOW_MS + 999)
  })

  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-24T00:00:00+07:00', '2026-11-24'],
    ['Asia/Ho_Chi_Minh', '2026-11-23T23:59:59+07:00', '2026-11-23'],
    ['America/New_York', '2026-11-24T00:00:00+07:00', '2026-11-23'],
    ['Asia/Kathmandu', '2026-11-24T00:00:00+05:45', '2026-11-24'],
  ])('puts an event of %s at %s into the day %s', (timeZone, at, date) => {
    const atMs = Date.parse(at)
    expect(make({ settings: { timeZone }, sighting: { receivedAtMs: atMs, atMs } }).day).toBe(dayNumber(date))
  })

  it('stamps the visit timeout that the site has now', () => {
    expect(make({ settings: { visitTimeoutSeconds: 600 } }).visitTimeout).toBe(600)
  })
})

describe('visitor and online id', () => {
  //   22:00    00:00   02:00    04:00            24:00      local time of the site
  //     |--------|-------|--------|----------------|
  //     | salt of the 23 | salt of the 24                   visitor: from 00:00 on
  //     | salt of the 23          | salt of the 24          online id: from 04:00 on
  it.each([
    ['2026-11-23T23:59:59+07:00', '2026-11-23', '2026-11-23'],
    ['2026-11-24T00:00:00+07:00', '2026-11-24', '2026-11-23'],
    ['2026-11-24T03:59:59+07:00', '2026-11-24', '2026-11-23'],
    ['2026-11-24T04:00:00+07:00', '2026-11-24', '2026-11-24'],
  ])('at %s hashes the visitor with the salt of %s and the online id with that of %s', (at, day, onlineDay) => {
    const atMs = Date.parse(at)
    const event = make({ sighting: { receivedAtMs: atMs, atMs } })
    expect(event.visitor).toEqual(hashUnder(day))
    expect(event.onlineId).toEqual(hashUnder(onlineDay))
  })

  it.each([
    ['exactly an hour old is online', HOUR_MS, true],
    ['a millisecond more is not', HOUR_MS + 1, false],
  ])('%s', (_rule, ageMs, isOnline) => {
    const event = make({ sighting: { atMs: NOW_MS - ageMs } })
    expect(event.onlineId !== null).toBe(isOnline)
    expect(event.visitor).toEqual(hashUnder('2026-11-24'))
  })

  it('gives an anonymous event neither', () => {
    const event = make({ sighting: { anonymous: true } })
    expect([event.visitor, event.onlineId]).toEqual([null, null])
  })

  it('lets a name stand for address and User-Agent', () => {
    const event = make({ reader: { visitorName: 'member 12' } })
    expect(event.visitor).toEqual(visitorHashOfName(saltOf('2026-11-24'), 'demo', 'member 12'))
    expect(make({ reader: { visitorName: 'member 12', network: '198.51.100.1' } }).visitor).toEqual(event.visitor)
  })

  it('makes no event without the salt of its day', () => {
    const salts = new DaySalts()
    salts.lacking.add(dayNumber('2026-11-24'))
    expect(new EventMaker(salts, new OneOfEach()).make(draftOf({}))).toBeNull()
  })

  it('makes no event without the salt of its online day', () => {
    const salts = new DaySalts()
    salts.lacking.add(dayNumber('2026-11-23'))
    const atMs = Date.parse('2026-11-24T02:00:00+07:00')
    const sighting = { receivedAtMs: atMs, atMs }
    expect(new EventMaker(salts, new OneOfEach()).make(draftOf({ sighting }))).toBeNull()
    // Two hours later that event is too old to be online, and so needs no salt of the 23rd.
    expect(make({ sighting: { ...sighting, receivedAtMs: atMs + 2 * HOUR_MS } }, salts).onlineId).toBeNull()
  })

  it('needs no salt for an anonymous event', () => {
    const salts = new DaySalts()
    salts.lacking.add(dayNumber('2026-11-24'))
    expect(make({ sighting: { anonymous: true } }, salts).visitor).toBeNull()
  })
})

describe('entry', () => {
  const cases: [rule: string, given: Given, isEntry: boolean][] = [
    ['a view without visitor and without referrer is one', { sighting: { anonymous: true } }, true],
    ['a view with a visitor is none', {}, false],
    ['an event without visitor is none', { sighting: { anonymous: true }, said: { type: 'event' } }, false],
    [
      'a view from the page’s own host is none',
      { sighting: { anonymous: true }, said: { referrer: 'https://www.example.vn/b' } },
      false,
    ],
    [
      'a view from another host of the site is none',
      {
        sighting: { anonymous: true },
        said: { referrer: 'https://shop.example.vn/' },
        settings: { hosts: ['*.example.vn', 'example.vn'] },
      },
      false,
    ],
    [
      'a view from elsewhere is one',
      { sighting: { anonymous: true }, said: { referrer: 'https://news.example.com/' } },
      true,
    ],
  ]

  it.each(cases)('%s', (_rule, given, isEntry) => {
    expect(make(given).entry).toBe(isEntry)
  })
})

describe('facts', () => {
  it('keeps what statistics will ask of the reader and the page', () => {
    const said = {
      referrer: 'https://News.example.com:8443/x',
      title: 'A page',
      language: 'vi-VN',
      zone: 'Asia/Saigon',
      width: 1280,
      name: 'buy',
      props: '{"n":1}',
      engagedSeconds: 12,
    }
    expect(make({ said, bot: true }).facts).toEqual({
      host: 'example.vn',
      title: 'A page',
      referrerHost: 'news.example.com',
      language: 'vi-VN',
      zone: 'Asia/Saigon',
      width: 1280,
      country: 'VN',
      browser: 'Firefox',
      system: 'Linux',
      device: 'desktop',
      bot: true,
      name: 'buy',
      props: '{"n":1}',
      engagedSeconds: 12,
    })
  })

  it('keeps neither address nor User-Agent', () => {
    const kept = JSON.stringify(make(), (_key, value: unknown) => value)
    expect(kept).not.toContain('203.0.113.7')
    expect(kept).not.toContain('Mozilla')
  })

  it('has no page on a heartbeat', () => {
    const event = make({ said: { type: 'heartbeat', url: '' }, page: null })
    expect([event.path, event.facts.host]).toEqual(['', ''])
  })
})
