import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { beaconId, view } from '../testing/beacons.js'
import { Collector } from '../testing/collector.js'
import { BROWSER, CRAWLER, NOW_MS, site } from '../testing/fakes.js'
import type { BeaconAnswer, BeaconRequest } from './beacon.intake.js'

const READER = { address: '203.0.113.7', network: '203.0.113.7', userAgent: BROWSER, visitorName: '' }
const REQUEST: BeaconRequest = { reader: READER, privacy: false, prefetch: false }

const SITES = [
  site('demo'),
  site('strict', { hosts: ['example.vn'] }),
  site('counting', { bots: 'count' }),
  site('closed', { excludedAddresses: ['203.0.113.0/24'] }),
  site('closed-counting', { bots: 'count', excludedAddresses: ['203.0.113.7'] }),
]

/** A good item of each kind of outcome. */
const KEPT = view()
const BOT = view({ b: 1 })
const EXCLUDED = view({ s: 'closed' })
const NO_FIELD = view({ u: undefined })
const WRONG_HOST = view({ s: 'strict', u: 'https://example.com/' })

let collector: Collector

beforeEach(async () => {
  collector = await new Collector().open(SITES)
})

async function take(
  items: readonly unknown[],
  request: Partial<BeaconRequest> = {},
  nowMs = NOW_MS,
): Promise<BeaconAnswer> {
  return collector.intake.take(items, { ...REQUEST, ...request }, nowMs)
}

function asCrawler(): Partial<BeaconRequest> {
  return { reader: { ...READER, userAgent: CRAWLER } }
}

describe('drop reasons', () => {
  const noAgent = { reader: { ...READER, userAgent: '' } }
  const cases: [rule: string, item: unknown, request: Partial<BeaconRequest>, dropped: string][] = [
    ['a browser is kept', KEPT, {}, ''],
    ['no User-Agent is a bot', KEPT, noAgent, 'bot'],
    ['a known crawler is a bot', KEPT, asCrawler(), 'bot'],
    ['webdriver is a bot', view({ b: 1 }), {}, 'bot'],
    ['webdriver among other hints is a bot', view({ b: 255 }), {}, 'bot'],
    ['other hints are not', view({ b: 254 }), {}, ''],
    ['a prefetch is dropped', KEPT, { prefetch: true }, 'prefetch'],
    ['an excluded address is dropped', EXCLUDED, {}, 'excluded'],
    ['a bot that prefetches from an excluded address is a bot', EXCLUDED, { ...asCrawler(), prefetch: true }, 'bot'],
    ['a prefetch from an excluded address is a prefetch', EXCLUDED, { prefetch: true }, 'prefetch'],
    ['a site that counts bots keeps a crawler', view({ s: 'counting' }), asCrawler(), ''],
    ['a site that counts bots keeps who has no User-Agent', view({ s: 'counting' }), noAgent, ''],
    ['a site that counts bots keeps webdriver', view({ s: 'counting', b: 1 }), {}, ''],
    [
      'a site that counts bots drops their prefetches',
      view({ s: 'counting' }),
      { ...asCrawler(), prefetch: true },
      'prefetch',
    ],
    ['a site that counts bots drops excluded ones', view({ s: 'closed-counting' }), asCrawler(), 'excluded'],
    ['a heartbeat is dropped by the same rules', view({ e: 'heartbeat', u: undefined }), asCrawler(), 'bot'],
  ]

  it.each(cases)('%s', async (_rule, item, request, dropped) => {
    expect(await take([item], request)).toEqual({ dropped })
    expect(collector.log.events).toHaveLength(dropped === '' ? 1 : 0)
    expect(await collector.outcomes()).toEqual({ [dropped === '' ? 'kept' : dropped]: 1 })
  })

  it('marks the bots that a site counts, and nobody else', async () => {
    await take([view({ s: 'counting', i: beaconId(1), b: 1 }), view({ s: 'counting', i: beaconId(2) })])
    await take([view({ s: 'counting', i: beaconId(3) })], asCrawler())
    expect(collector.log.events.map(({ facts }) => facts.bot)).toEqual([true, false, true])
  })
})

describe('the host rule', () => {
  it.each([
    ['https://example.vn/', true],
    ['https://WWW.Example.VN:8443/', true],
    ['https://other.example.vn/', false],
    ['https://example.vn.evil.com/', false],
  ])('on a site that lists example.vn, %s is allowed: %s', async (u, allowed) => {
    const answer = await take([view({ s: 'strict', u })])
    expect(answer).toEqual(allowed ? { dropped: '' } : { problem: { code: 'host_not_allowed' } })
  })

  it.each(['heartbeat', 'leave'])('does not look at the u of a %s', async (e) => {
    expect(await take([view({ s: 'strict', e, u: 'https://example.com/', d: 5 })])).toEqual({ dropped: '' })
    expect(collector.log.events[0]).toMatchObject({ path: '', facts: { host: '' } })
  })
})

describe('privacy', () => {
  it.each([
    ['g:1', view({ g: 1 }), {}],
    ['the header Sec-GPC or DNT', view(), { privacy: true }],
  ])('with %s there is no visitor', async (_how, item, request) => {
    await take([item], request)
    expect(collector.log.events).toMatchObject([{ visitor: null, onlineId: null, entry: true }])
  })

  it('is of the item that asks for it', async () => {
    await take([view({ g: 1, i: beaconId(1) }), view({ g: 0, i: beaconId(2) })])
    expect(collector.log.events.map(({ visitor }) => visitor === null)).toEqual([true, false])
  })
})

describe('an array', () => {
  const cases: [rule: string, items: unknown[], answer: BeaconAnswer, kept: number][] = [
    ['all kept is 204 without a word', [KEPT, KEPT], { dropped: '' }, 2],
    ['a refused item beside a kept one is invalid', [NO_FIELD, KEPT], { dropped: 'invalid' }, 1],
    ['a refused item beside a dropped one is invalid', [BOT, NO_FIELD], { dropped: 'bot,invalid' }, 0],
    ['all dropped is 204 with the reasons', [EXCLUDED, BOT], { dropped: 'bot,excluded' }, 0],
    [
      'each reason is said once, sorted',
      [EXCLUDED, BOT, KEPT, NO_FIELD, EXCLUDED, BOT],
      { dropped: 'bot,excluded,invalid' },
      1,
    ],
    ['all refused is the first one’s error', [WRONG_HOST, NO_FIELD], { problem: { code: 'host_not_allowed' } }, 0],
    [
      'all refused names the first one’s field',
      [NO_FIELD, WRONG_HOST],
      { problem: { code: 'bad_field', field: 'u' } },
      0,
    ],
    ['one item alone is as an object', [BOT], { dropped: 'bot' }, 0],
    ['an unknown site refuses its item only', [view({ s: 'nowhere' }), KEPT], { dropped: 'invalid' }, 1],
  ]

  it.each(cases)('%s', async (_rule, items, answer, kept) => {
    expect(await take(items)).toEqual(answer)
    expect(collector.log.events).toHaveLength(kept)
  })

  it('is appended in one piece, in order', async () => {
    await take([view({ i: beaconId(1) }), BOT, view({ i: beaconId(3), s: 'counting' })])
    expect(collector.log.appends).toHaveLength(1)
    expect(collector.log.events.map(({ site }) => site)).toEqual(['demo', 'counting'])
  })

  it('appends nothing when nothing is to be kept', async () => {
    collector.log.fails = true
    expect(await take([BOT, NO_FIELD])).toEqual({ dropped: 'bot,invalid' })
  })

  it('counts every item once, by its own outcome', async () => {
    await take([KEPT, BOT, BOT, EXCLUDED, NO_FIELD, WRONG_HOST, view({ v: 2 })])
    expect(await collector.outcomes()).toEqual({
      kept: 1,
      bot: 2,
      excluded: 1,
      bad_field: 1,
      host_not_allowed: 1,
      unsupported_version: 1,
    })
  })

  it('has one outcome an item, and is 204 unless all are refused, whatever it holds', async () => {
    const kinds = fc.constantFrom('kept', 'bot', 'excluded', 'bad_field', 'host_not_allowed')
    const items = { kept: KEPT, bot: BOT, excluded: EXCLUDED, bad_field: NO_FIELD, host_not_allowed: WRONG_HOST }
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { minLength: 1, maxLength: 20 }), async (chosen) => {
        collector = await new Collector().open(SITES)
        const answer = await take(chosen.map((kind) => items[kind]))
        const refused = chosen.filter((kind) => kind === 'bad_field' || kind === 'host_not_allowed')
        expect('problem' in answer).toBe(refused.length === chosen.length)
        const tally: Record<string, number> = {}
        for (const kind of chosen) tally[kind] = (tally[kind] ?? 0) + 1
        expect(await collector.outcomes()).toEqual(tally)
        expect(collector.log.events).toHaveLength(tally.kept ?? 0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('429', () => {
  beforeEach(async () => {
    collector = await new Collector({ ratePerSecond: 1, rateBurst: 3 }).open(SITES)
  })

  it('is of the whole request: of an array that finds too few tokens nothing is kept and no token is taken', async () => {
    await take([KEPT, KEPT])
    expect(await take([KEPT, BOT, NO_FIELD, KEPT])).toEqual({ problem: { code: 'rate_limited', retryAfter: 1 } })
    expect(collector.log.events).toHaveLength(2)
    expect(await take([KEPT])).toEqual({ dropped: '' })
  })

  it('counts the items that would have been kept, and the others as what they are', async () => {
    await take([KEPT, KEPT, KEPT])
    await take([KEPT, BOT, NO_FIELD, KEPT])
    expect(await collector.outcomes()).toEqual({ kept: 3, rate_limited: 2, bot: 1, bad_field: 1 })
  })

  it('does not touch what is dropped or refused', async () => {
    await take([KEPT, KEPT, KEPT])
    expect(await take([BOT, NO_FIELD])).toEqual({ dropped: 'bot,invalid' })
  })

  it('is per address and site', async () => {
    await take([KEPT, KEPT, KEPT])
    expect(await take([view({ s: 'counting' })])).toEqual({ dropped: '' })
    const elsewhere = { reader: { ...READER, network: '198.51.100.0', address: '198.51.100.0' } }
    expect(await take([KEPT], elsewhere)).toEqual({ dropped: '' })
    expect(await take([KEPT])).toMatchObject({ problem: { code: 'rate_limited' } })
  })

  it('takes the tokens of several sites together or none', async () => {
    await take([KEPT, KEPT, KEPT])
    const counting = view({ s: 'counting' })
    expect(await take([counting, KEPT])).toMatchObject({ problem: { code: 'rate_limited' } })
    expect(await take([counting, counting, counting])).toEqual({ dropped: '' })
  })

  it('ends as the bucket fills', async () => {
    await take([KEPT, KEPT, KEPT])
    expect(await take([KEPT], {}, NOW_MS + 999)).toMatchObject({ problem: { retryAfter: 1 } })
    expect(await take([KEPT], {}, NOW_MS + 1000)).toEqual({ dropped: '' })
  })

  it('comes before 503', async () => {
    await take([KEPT, KEPT, KEPT])
    collector.registry.isAway = true
    expect(await take([view({ s: 'nowhere' }), KEPT])).toMatchObject({ problem: { code: 'rate_limited' } })
  })
})

describe('503', () => {
  it('when the log takes nothing; a retry with the same id is kept', async () => {
    collector.log.fails = true
    expect(await take([KEPT, BOT])).toEqual({ problem: { code: 'log_unavailable', retryAfter: 5 } })
    collector.log.fails = false
    expect(await take([KEPT, BOT])).toEqual({ dropped: 'bot' })
    expect(await collector.outcomes()).toEqual({ log_unavailable: 1, bot: 2, kept: 1 })
  })

  it('when the salt of the day is lacking, and nothing of the request is kept', async () => {
    // In Vietnam the second item is of the 23rd, the first of the 24th.
    collector.salts.lacking.add(Date.UTC(2026, 10, 23) / 86_400_000)
    expect(await take([KEPT, view({ a: 86_400_000 })])).toMatchObject({ problem: { code: 'log_unavailable' } })
    expect(collector.log.events).toEqual([])
    expect(await take([KEPT])).toEqual({ dropped: '' })
  })

  it('when a site cannot be known, for all items', async () => {
    collector.registry.isAway = true
    expect(await take([KEPT, view({ s: 'nowhere' })])).toMatchObject({ problem: { code: 'log_unavailable' } })
    expect(collector.log.events).toEqual([])
  })

  it('does not come for a site that is known while the registry is away', async () => {
    collector.registry.isAway = true
    expect(await take([KEPT])).toEqual({ dropped: '' })
  })
})

describe('an unknown site', () => {
  it('is found when the registry has it by now', async () => {
    collector.registry.sites.push(site('new'))
    expect(await take([view({ s: 'new' })])).toEqual({ dropped: '' })
  })

  it('is looked up once for all who wait', async () => {
    const loads = collector.registry.loads
    const answers = await Promise.all([1, 2, 3, 4].map((n) => take([view({ s: `nowhere-${n}` })])))
    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ problem: { code: 'site_not_found' } })))
    expect(collector.registry.loads).toBe(loads + 1)
  })

  it('does not change the time of receipt by the wait', async () => {
    collector.registry.sites.push(site('new'))
    const taken = take([view({ s: 'new' })])
    collector.clock.nowMs += 800
    await taken
    expect(collector.log.events[0]?.receivedAtMs).toBe(NOW_MS)
  })
})
