import { Logger } from '@nestjs/common'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseIsoDate } from '#domain'
import { DISTINCT, DoorUnderTest } from '../testing/door-under-test.js'
import type { Mood } from '../testing/faulty-adapters.js'
import { TestClock } from '../testing/test-clock.js'

Logger.overrideLogger(false)

const MONDAY = parseIsoDate('2026-11-23')!
const TUESDAY = MONDAY + 1
const LAST = { online: 4, today: 21, yesterday: 990, week: 667, month: 7087, year: 29_537, total: 390_402 }
const LAST_STALE = { ...LAST, stale: true, ttl: 5, asOf: '2026-11-23T12:00:00+00:00' }

describe('WidgetDoor while numbers are away', () => {
  let door: DoorUnderTest
  beforeEach(async () => {
    door = await new DoorUnderTest(TestClock.at('2026-11-23T12:00:00Z')).start()
    door.count(MONDAY, Object.values(DISTINCT))
    door.counters.online = 4
    door.counters.paths.set('/tin', 57)
    door.store.days
      .set(MONDAY, 20)
      .set(MONDAY - 1, 990)
      .set(MONDAY - 30, 50_000)
    door.store.paths.set('/tin', 55).set('/new', 8)
  })
  afterEach(() => door.stop())

  const minutesLater = (minutes: number): void => door.clock.pass(minutes * 60_000)
  const timed = async <T>(work: Promise<T>): Promise<{ value: T; ms: number }> => {
    const beganAt = performance.now()
    return { value: await work, ms: performance.now() - beganAt }
  }

  describe('with the counters failing', () => {
    it('shows the last known numbers as they were, marked, for a short time only, and the true ones once they are back', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      minutesLater(10)
      const answer = await door.get('/w/demo.json')
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe(
        'public, max-age=5, stale-while-revalidate=60, stale-if-error=86400',
      )
      expect(await answer.json()).toMatchObject(LAST_STALE)
      expect(door.store.fault.calls).toBe(0)

      door.counters.fault.mood = 'fine'
      door.counters.online = 9
      door.clock.pass(1000)
      const { online, stale, asOf } = await door.json('/w/demo.json')
      expect({ online, stale, asOf }).toEqual({ online: 9, stale: undefined, asOf: '2026-11-23T12:10:01+00:00' })
    })

    it('marks them from the first failure on, however young they are', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      door.clock.pass(500)
      expect(await door.json('/w/demo.json')).toMatchObject(LAST_STALE)
    })

    it('has another tag for stale numbers, so that nobody takes the fresh ones for confirmed', async () => {
      const fresh = (await door.get('/w/demo.json')).headers.get('etag')!
      door.counters.fault.mood = 'failing'
      door.clock.pass(500)
      expect((await door.get('/w/demo.json', { headers: { 'if-none-match': fresh } })).status).toBe(200)
    })

    it('tries them about once a second, however many ask', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      const before = door.counters.fault.calls
      for (let ms = 0; ms < 5000; ms += 50) {
        door.clock.pass(50)
        await Promise.all([door.get('/w/demo.json'), door.get('/w/demo.json')])
      }
      expect(door.counters.fault.calls - before).toBeLessThanOrEqual(6)
    })

    it('keeps the last known numbers over a restart', async () => {
      await door.get('/w/demo.json')
      await door.get('/w/demo/views?p=/tin')
      door.counters.fault.mood = 'failing'
      door.store.fault.mood = 'failing'
      await door.restart()
      expect(await door.json('/w/demo.json')).toMatchObject(LAST_STALE)
      expect(await door.json('/w/demo/views?p=/tin')).toMatchObject({ views: { '/tin': 57 }, stale: true })
    })

    it('works on with a disk that takes nothing, and writes what is missing when it does again', async () => {
      door.disk.fault.mood = 'failing'
      await door.get('/w/demo.json')
      await door.lastKnown.save()
      door.disk.fault.mood = 'fine'
      await door.lastKnown.save()
      expect(door.disk.kept.get('demo')?.snapshot?.values.total.visits).toBe(390_402)
    })

    it('asks the store when nothing was ever known, as of what it holds, and says nothing of who is online', async () => {
      door.counters.fault.mood = 'failing'
      expect(await door.json('/w/demo.json')).toMatchObject({
        asOf: '2026-11-23T11:59:00+00:00',
        online: null,
        today: 20,
        yesterday: 990,
        week: 20,
        month: 1010,
        year: 51_010,
        total: 51_010,
        stale: true,
      })
    })

    it('asks the store at most every 5 s, and lets its numbers grow', async () => {
      door.counters.fault.mood = 'failing'
      await door.get('/w/demo.json')
      const calls = door.store.fault.calls
      door.store.days.set(MONDAY, 25)
      for (let n = 0; n < 8; n++) {
        door.clock.pass(600)
        await door.get('/w/demo.json')
      }
      expect(door.store.fault.calls).toBe(calls)
      door.clock.pass(600)
      expect(await door.json('/w/demo.json')).toMatchObject({ today: 25, total: 51_015 })
    })

    it.each([
      ['neither knows anything', 'failing', Date.parse('2026-11-23T11:59:00Z')],
      ['the store holds nothing yet', 'fine', null],
    ] as const)('answers 503, not zeros, when %s', async (_, mood, untilMs) => {
      door.counters.fault.mood = 'failing'
      door.store.fault.mood = mood
      door.store.untilMs = untilMs
      for (const path of ['/w/demo.json', '/w/demo.json?p=/tin', '/w/demo/views?p=/tin']) {
        const answer = await door.get(path)
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
        expect(answer.headers.get('cache-control')).toBe('no-store')
        expect(await answer.json()).toMatchObject({ code: 'numbers_unknown' })
      }
    })

    // Monday 12:00    | last reading: today 21
    // Tuesday 00:05   | the counters are still away
    it('takes the new day from the store after midnight, and makes yesterday of what was today', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      door.clock.set('2026-11-24T00:05:00Z')
      door.store.days.set(TUESDAY, 3)
      expect(await door.json('/w/demo.json')).toMatchObject({
        online: 4,
        today: 3,
        yesterday: 21,
        week: 667,
        month: 7087,
        year: 51_013,
        total: 390_402,
        stale: true,
        asOf: '2026-11-23T12:00:00+00:00',
      })
    })

    it('shows the numbers of their own asOf after midnight, when the store is away as well', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      door.store.fault.mood = 'failing'
      door.clock.set('2026-11-24T00:05:00Z')
      expect(await door.json('/w/demo.json')).toMatchObject(LAST_STALE)
    })
  })

  it('shows the last known numbers while the counters are behind what they said before', async () => {
    await door.get('/w/demo.json')
    minutesLater(5)
    door.counters.stuckAtMs = Date.parse('2026-11-23T11:00:00Z')
    door.count(MONDAY, [1, 0, 1, 1, 1, 1, 1])
    expect(await door.json('/w/demo.json')).toMatchObject(LAST_STALE)
    expect(await door.json('/w/demo/views?p=/tin')).toMatchObject({ stale: true })
    door.counters.stuckAtMs = null
    door.clock.pass(1000)
    expect(await door.json('/w/demo.json')).toMatchObject({ total: 1 })
  })

  describe('with something hanging', () => {
    it('waits for the counters about a second, once, and then shows the last known numbers at once', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'hanging'
      door.clock.pass(500)
      const first = await timed(Promise.all([door.json('/w/demo.json'), door.json('/w/demo.json')]))
      expect(first.value).toEqual([expect.objectContaining(LAST_STALE), expect.objectContaining(LAST_STALE)])
      expect(first.ms).toBeLessThan(1800)
      door.clock.pass(1000)
      const second = await timed(door.json('/w/demo.json'))
      expect(second.value).toMatchObject(LAST_STALE)
      expect(second.ms).toBeLessThan(800)
      door.clock.pass(500)
      expect((await timed(door.json('/w/demo.json'))).ms).toBeLessThan(500)
    })

    it('answers within a few seconds when the store hangs as well', async () => {
      door.counters.fault.mood = 'hanging'
      door.store.fault.mood = 'hanging'
      const numbers = timed(door.get('/w/demo.json'))
      const views = timed(door.get('/w/demo/views?p=/tin'))
      for (const { value, ms } of [await numbers, await views]) {
        expect(value.status).toBe(503)
        expect(ms).toBeLessThan(4500)
      }
    })

    it('is told the truth again by counters that come back', async () => {
      door.counters.fault.mood = 'hanging'
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'fine'
      door.clock.pass(1000)
      const answer = await door.json('/w/demo.json')
      expect(answer).toMatchObject(LAST)
      expect(answer).not.toHaveProperty('stale')
    })
  })

  describe('views of paths', () => {
    it('are the last known ones, from the store what was not known, and never an invented 0', async () => {
      await door.get('/w/demo/views?p=/tin')
      door.counters.fault.mood = 'failing'
      door.clock.pass(1000)
      expect(await door.json('/w/demo/views?p=/tin&p=/new&p=/never')).toEqual({
        v: 1,
        asOf: '2026-11-23T11:59:00+00:00',
        views: { '/tin': 57, '/new': 8, '/never': 0 },
        stale: true,
      })
    })

    it('are left out when nobody can say them', async () => {
      await door.get('/w/demo/views?p=/tin')
      door.counters.fault.mood = 'failing'
      door.store.fault.mood = 'failing'
      door.clock.pass(1000)
      expect(await door.json('/w/demo/views?p=/new&p=/tin')).toMatchObject({ views: { '/tin': 57 }, stale: true })
      expect(await door.json('/w/demo/views?p=/new')).toMatchObject({ views: {}, stale: true })
      await door.get('/w/demo.json')
    })

    it('are left out of the numbers, which are marked, when only they cannot be said', async () => {
      await door.get('/w/demo.json')
      door.counters.fault.mood = 'failing'
      door.store.fault.mood = 'failing'
      door.clock.pass(1000)
      const answer = await door.json('/w/demo.json?p=/new')
      expect(answer).toMatchObject(LAST_STALE)
      expect(answer).not.toHaveProperty('views')
    })
  })

  it('never shows a number below one that was shown, whatever fails and in whatever order', async () => {
    const mood = fc.constantFrom<Mood>('fine', 'failing')
    const step = fc.record({
      counters: mood,
      store: mood,
      disk: mood,
      restart: fc.boolean(),
      counted: fc.nat({ max: 3 }),
      passMs: fc.constantFrom(100, 700, 1500, 6000, 600_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await door.stop()
        door = await new DoorUnderTest(TestClock.at('2026-11-23T12:00:00Z')).start()
        let counted = 500
        let shown = 0
        for (const { counters, store, disk, restart, passMs, counted: more } of steps) {
          counted += more
          door.count(MONDAY, [counted, 7, counted, counted, counted, counted, counted])
          door.store.days.set(MONDAY, counted)
          Object.assign(door.counters.fault, { mood: counters })
          Object.assign(door.store.fault, { mood: store })
          Object.assign(door.disk.fault, { mood: disk })
          door.clock.pass(passMs)
          if (restart && disk === 'fine') await door.restart()
          const { total } = (await door.json('/w/demo.json')) as { total?: number }
          // No total is the 503 of who never knew anything.
          const isTrue = total === undefined ? shown === 0 : total >= Math.max(shown, 500) && total <= counted
          expect({ shown, total, counted, isTrue }).toMatchObject({ isTrue: true })
          shown = total ?? 0
        }
      }),
      { numRuns: 40 },
    )
  })

  it('tells how old the oldest numbers are that it serves', async () => {
    await door.get('/w/demo.json')
    door.counters.fault.mood = 'failing'
    minutesLater(2)
    await door.get('/w/demo.json')
    expect(door.snapshots.oldestAgeSeconds()).toBe(120)
    minutesLater(2)
    expect(door.snapshots.oldestAgeSeconds()).toBe(0)
  })
})
