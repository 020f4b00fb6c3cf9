import { Logger } from '@nestjs/common'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SNAPSHOT_SLOTS, slotsOf, type Snapshot } from '#domain'
import { MemorySnapshots, same } from '../testing/faulty-adapters.js'
import { LastKnown } from './last-known.js'

Logger.overrideLogger(false)

const snapshot = (total: number, asOfMs: number): Snapshot => {
  return { day: 20_000, asOfMs, online: 1, values: slotsOf(SNAPSHOT_SLOTS.map(() => same(total))) }
}
const viewsOf = (path: string, views: number) => ({ path, views, asOfMs: 1000, readAtMs: 1000 })

describe('LastKnown', () => {
  let disk: MemorySnapshots
  let known: LastKnown
  beforeEach(async () => {
    disk = new MemorySnapshots()
    known = new LastKnown(disk)
    await known.onModuleInit()
  })
  afterEach(async () => {
    disk.fault.mood = 'fine'
    await known.beforeApplicationShutdown()
  })

  it('writes nothing when nothing changed', async () => {
    known.keepSnapshot('aa', snapshot(1, 1000))
    await known.save()
    const writes = disk.fault.calls
    known.keepSnapshot('aa', snapshot(1, 5000))
    await known.save()
    expect(disk.fault.calls).toBe(writes)
  })

  it('writes the first numbers of a site at once, of many sites in few writes', async () => {
    for (let i = 0; i < 100; i++) known.keepSnapshot(`site-${i}`, snapshot(1, 1000))
    await expect.poll(() => disk.kept.size).toBe(100)
    expect(disk.fault.calls).toBeLessThan(10)
  })

  it('writes a later time of the same numbers every 10 s', async () => {
    known.keepSnapshot('aa', snapshot(1, 1000))
    await known.save()
    known.keepSnapshot('aa', snapshot(1, 11_000))
    await known.save()
    expect(disk.kept.get('aa')?.snapshot?.asOfMs).toBe(11_000)
  })

  it('writes the paths of a site only when one of them changed', async () => {
    known.keepViews('aa', viewsOf('/a', 1))
    known.keepSnapshot('aa', snapshot(1, 1000))
    await known.save()
    disk.kept.clear()
    known.keepViews('aa', viewsOf('/a', 1))
    known.keepSnapshot('aa', snapshot(2, 2000))
    await known.save()
    expect(disk.kept.get('aa')).not.toHaveProperty('views')
    known.keepViews('aa', viewsOf('/a', 2))
    await known.save()
    expect(disk.kept.get('aa')?.views).toEqual([{ path: '/a', views: 2, asOfMs: 1000 }])
  })

  it('keeps what could not be written for the next time', async () => {
    disk.fault.mood = 'failing'
    known.keepViews('aa', viewsOf('/a', 1))
    known.keepSnapshot('aa', snapshot(1, 1000))
    await known.save()
    disk.fault.mood = 'fine'
    await known.save()
    expect(disk.kept.get('aa')).toMatchObject({ snapshot: { asOfMs: 1000 }, views: [{ path: '/a' }] })
  })

  it('begins without the disk when that cannot be read', async () => {
    disk.fault.mood = 'failing'
    const other = new LastKnown(disk)
    await other.onModuleInit()
    expect(other.snapshot('aa')).toBeNull()
    await other.beforeApplicationShutdown()
  })

  it('lets no invented path drive out one that has views', () => {
    known.keepViews('aa', viewsOf('/real', 7))
    for (let n = 0; n < 2000; n++) known.keepViews('aa', viewsOf(`/invented-${n}`, 0))
    expect(known.views('aa', '/real')).toMatchObject({ views: 7 })
    expect(known.views('aa', '/invented-1999')).toBeUndefined()
  })

  it('keeps the 1,000 paths of a site that were asked for last', () => {
    for (let n = 0; n < 1000; n++) known.keepViews('aa', viewsOf(`/${n}`, 1))
    known.views('aa', '/0')
    known.keepViews('aa', viewsOf('/one-more', 1))
    expect(known.views('aa', '/0')).toBeDefined()
    expect(known.views('aa', '/1')).toBeUndefined()
    expect(known.views('aa', '/2')).toBeDefined()
  })

  it('tells since when nothing newer is known, and null of a site of which nothing ever was', () => {
    expect(known.asOfMs('aa')).toBeNull()
    known.keepSnapshot('aa', snapshot(1, 500))
    known.keepViews('aa', viewsOf('/never', 0))
    expect(known.asOfMs('aa')).toBe(1000)
  })
})
