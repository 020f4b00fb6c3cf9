import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseIsoDate, slotBuckets } from '#domain'
import type { OffsetCommit } from '#ports'
import { same } from '../testing/faulty-adapters.js'
import { ADMIN, type Answer, OwnerDoorUnderTest } from '../testing/owner-door-under-test.js'
import { NumbersNow } from './numbers-now.js'
import { OffsetBook } from './offset-book.js'

Logger.overrideLogger(false)

const URL = '/v1/sites/demo/offsets'
/** The test's clock stands at noon UTC of this day, also in Vietnam. */
const DAY = parseIsoDate('2026-11-23')!

const code = ({ status, json }: Answer) => [status, (json as { code?: string } | null)?.code]
const foreign = (rest: Partial<OffsetCommit> = {}): OffsetCommit => ({
  siteId: 'demo',
  revision: 1,
  atMs: 1,
  by: 'another process',
  day: DAY,
  lines: [{ field: 'total', path: '', add: 1000, shown: null, reason: 'r' }],
  reverses: null,
  idempotency: null,
  ...rest,
})

let door: OwnerDoorUnderTest

beforeEach(async () => {
  door = await new OwnerDoorUnderTest().start()
  await door.makeSite('demo')
})
afterEach(async () => {
  door.ledger.fault.mood = 'fine'
  await door.stop()
})

const post = (body: object, headers: object = {}) => door.ask('POST', URL, { key: ADMIN, body, headers })
const total = (n: number) => ({ field: 'total', shown: n, reason: 'r' })
const measured = (n: number) => {
  for (const bucket of Object.values(slotBuckets(DAY))) door.counters.buckets.set(bucket, same(n))
}
const shownTotal = async () => (await door.snapshots().of(door.directory.site('demo')!))?.numbers.total

describe('an entry', () => {
  it('is reckoned from the counters of now, not from a reading that others share', async () => {
    measured(5)
    expect(await shownTotal()).toBe(5)
    measured(8)
    expect(await shownTotal()).toBe(5)
    expect((await post(total(100))).json).toMatchObject({ add: 92 })
    door.clock.pass(500)
    expect(await shownTotal()).toBe(100)
  })

  it('changes what is shown at once, though the reading is shared', async () => {
    measured(5)
    expect(await shownTotal()).toBe(5)
    await post({ field: 'total', add: 1, reason: 'r' })
    expect(await shownTotal()).toBe(6)
  })

  it('is reckoned in the unit of the site', async () => {
    for (const bucket of Object.values(slotBuckets(DAY))) {
      door.counters.buckets.set(bucket, { pageviews: 30, visits: 20, visitors: 10 })
    }
    expect((await post(total(100))).json).toMatchObject({ add: 80 })
  })
})

describe('while the numbers are not known', () => {
  it.each([
    ['cannot be read', () => (door.counters.fault.mood = 'failing')],
    ['are stale', () => (door.counters.stuckAtMs = door.clock.now() - 60_001)],
  ])('and the counters %s, nothing is made or reversed', async (_, breakThem) => {
    const { json } = await post(total(5))
    breakThem()
    const reversal = await door.ask('DELETE', `${URL}/${(json as { id: string }).id}`, { key: ADMIN })
    expect([code(await post(total(6))), code(reversal)]).toEqual([
      [503, 'numbers_unknown'],
      [503, 'numbers_unknown'],
    ])
    expect((await door.ask('GET', URL, { key: ADMIN })).json).toMatchObject([{ add: 5, reversedAt: null }])
  })

  it('numbers that are a minute old are not stale yet', async () => {
    door.counters.stuckAtMs = door.clock.now() - 60_000
    expect((await post(total(5))).status).toBe(201)
  })
})

describe('with the ledger away', () => {
  it('nothing is made, listed or reversed, and what was carried over is shown on', async () => {
    measured(1)
    await post(total(2_390_402))
    door.ledger.fault.mood = 'failing'
    const answers = [await post(total(5)), await door.ask('GET', URL, { key: ADMIN })]
    answers.push(await door.ask('DELETE', `${URL}/1-1`, { key: ADMIN }))
    expect(answers.map(code)).toEqual(answers.map(() => [503, 'log_unavailable']))
    expect(await shownTotal()).toBe(2_390_402)
  })

  it('from the start on no number is shown, since any could be wrong, and all are when it is back', async () => {
    const book = new OffsetBook(door.ledger)
    door.ledger.fault.mood = 'failing'
    await book.onModuleInit()
    expect(book.of('demo')).toBeNull()
    door.ledger.fault.mood = 'fine'
    await vi.waitUntil(() => book.of('demo') !== null, { timeout: 3000 })
    book.onModuleDestroy()
  })
})

describe('another process', () => {
  it('that commits in between makes the request be reckoned anew', async () => {
    measured(1)
    const numbers = door.app.get(NumbersNow, { strict: false })
    const reckon = numbers.numbers.bind(numbers)
    vi.spyOn(numbers, 'numbers').mockImplementationOnce(async (site, offsets) => {
      const now = await reckon(site, offsets)
      await door.ledger.append(foreign())
      return now
    })
    expect((await post(total(5000))).json).toMatchObject({ id: '2-1', add: 3999 })
    expect(await shownTotal()).toBe(5000)
  })

  it('has its entries shown within about a second, and its keys known', async () => {
    await door.ledger.append(foreign({ idempotency: { key: 'k', bodyHash: 'ab' } }))
    expect(code(await post(total(5), { 'idempotency-key': 'k' }))).toEqual([409, 'idempotency_conflict'])
    await door.ledger.append(foreign({ revision: 2 }))
    await vi.waitUntil(async () => (await shownTotal()) === 2000, { timeout: 3000 })
    await door.ledger.append(foreign({ revision: 3, reverses: '1-1' }))
    await vi.waitUntil(async () => (await shownTotal()) === 1000, { timeout: 3000 })
  })

  it('that erased the site has its entries forgotten', async () => {
    await post(total(5))
    await door.ledger.eraseSite('demo')
    await vi.waitUntil(async () => (await shownTotal()) === 0, { timeout: 3000 })
  })
})

describe('an append of which nobody knows what became of it', () => {
  it('is 503, and its repetition finds it when it was done after all', async () => {
    const append = door.ledger.append.bind(door.ledger)
    vi.spyOn(door.ledger, 'append').mockImplementationOnce(async (commit) => {
      await append(commit)
      throw new Error('the answer was lost')
    })
    const send = () => post({ field: 'total', add: 5, reason: 'r' }, { 'idempotency-key': 'k' })
    expect(code(await send())).toEqual([503, 'log_unavailable'])
    expect((await send()).json).toMatchObject({ id: '1-1', add: 5 })
    expect(await shownTotal()).toBe(5)
  })
})

describe('what is refused', () => {
  it.each([
    [{ 'idempotency-key': 'x'.repeat(256) }, '', 'Idempotency-Key'],
    [{ 'idempotency-key': 'a b' }, '', 'Idempotency-Key'],
    [{}, '?reason=x', 'reason'],
    [{}, '?dry=1', 'dry'],
  ])('headers %j, query "%s": names %s', async (headers, query, field) => {
    const answer = await door.ask('POST', URL + query, { key: ADMIN, body: total(1), headers })
    expect([answer.status, answer.json]).toEqual([400, expect.objectContaining({ field })])
  })

  it.each(['?limit=0', '?limit=100001', '?limit=x', '?after=1', '?after=x-1', '?page=2'])('a list%s', async (query) => {
    expect((await door.ask('GET', URL + query, { key: ADMIN })).status).toBe(400)
  })
})
