import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OffsetLine, parseIsoDate, SNAPSHOT_SLOTS } from '#domain'
import type { OffsetCommit } from '#ports'
import { DoorUnderTest } from '../testing/door-under-test.js'
import { TestClock } from '../testing/test-clock.js'

Logger.overrideLogger(false)

const TODAY = parseIsoDate('2026-11-25')! // a Wednesday
const line = (field: OffsetLine['field'], add: number, path = ''): OffsetLine => {
  return { field, path, add, shown: null, reason: 'r' }
}
const commit = (revision: number, day: number, lines: OffsetLine[]): OffsetCommit => {
  return { siteId: 'demo', revision, atMs: 1, by: 'admin', day, lines, reverses: null, idempotency: null }
}

describe('what was carried over', () => {
  let door: DoorUnderTest
  beforeEach(async () => {
    door = new DoorUnderTest(TestClock.at('2026-11-25T12:00:00Z'))
    await door.ledger.append(
      commit(1, TODAY, [line('total', 1000), line('week', 100), line('views', 50, '/a'), line('today', 5)]),
    )
    await door.start()
    door.count(
      TODAY,
      SNAPSHOT_SLOTS.map(() => 1),
    )
    door.counters.paths.set('/a', 7)
  })
  afterEach(() => door.stop())

  const numbers = async () => {
    const { today, yesterday, week, month, total, stale } = await door.json('/w/demo.json')
    return { today, yesterday, week, month, total, stale }
  }

  it('is in every number and form', async () => {
    expect(await numbers()).toEqual({ today: 6, yesterday: 1, week: 101, month: 1, total: 1001, stale: undefined })
    expect(await door.json('/w/demo.json?p=/a')).toMatchObject({ total: 1001, views: 57 })
    expect(await door.json('/w/demo/views?p=/a&p=/b')).toMatchObject({ views: { '/a': 57, '/b': 0 } })
    expect(await (await door.get('/w/demo.txt?f=week')).text()).toBe('101')
    expect(await (await door.get('/w/demo.html')).text()).toContain('000001001')
  })

  it('is shown at once when more comes, though the answer and the reading are shared', async () => {
    await numbers()
    door.offsets.take(commit(2, TODAY, [line('total', 500)]))
    expect(await numbers()).toMatchObject({ total: 1501 })
  })

  it('is taken once, in order, however often a commit is read', async () => {
    for (const revision of [1, 2, 2, 4, 1]) door.offsets.take(commit(revision, TODAY, [line('total', 500)]))
    expect(await numbers()).toMatchObject({ total: 1501 })
  })

  it('is in the last known numbers too, over a restart', async () => {
    await numbers()
    await door.json('/w/demo/views?p=/a')
    door.counters.fault.mood = 'failing'
    await door.restart()
    expect(await numbers()).toEqual({ today: 6, yesterday: 1, week: 101, month: 1, total: 1001, stale: true })
    expect(await door.json('/w/demo/views?p=/a')).toMatchObject({ views: { '/a': 57 }, stale: true })
  })

  it('is added to what the store says, and turns with the day like all else', async () => {
    door.counters.fault.mood = 'failing'
    door.store.days.set(TODAY, 3)
    door.store.paths.set('/a', 2)
    expect(await numbers()).toEqual({ today: 8, yesterday: 0, week: 103, month: 3, total: 1003, stale: true })
    expect(await door.json('/w/demo/views?p=/a')).toMatchObject({ views: { '/a': 52 } })
    door.clock.set('2026-11-26T00:00:10Z')
    expect(await numbers()).toEqual({ today: 0, yesterday: 8, week: 103, month: 3, total: 1003, stale: true })
    door.clock.set('2026-11-30T00:00:10Z')
    expect(await numbers()).toMatchObject({ yesterday: 0, week: 0, total: 1003 })
  })

  it('is no number where the rest is not known', async () => {
    door.counters.fault.mood = 'failing'
    door.store.fault.mood = 'failing'
    expect((await door.get('/w/demo.json')).status).toBe(503)
  })
})
