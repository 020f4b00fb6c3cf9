import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Snapshot } from '#domain'
import { DurableLevel } from '#disk'
import { EmbeddedSnapshots } from './embedded-snapshots.js'

const none = { pageviews: 0, visits: 0, visitors: 0 }
const snapshot = (total: number): Snapshot => {
  const filled = { pageviews: total, visits: total, visitors: total }
  const values = {
    today: none,
    yesterday: none,
    weekMonday: none,
    weekSunday: none,
    month: none,
    year: none,
    total: filled,
  }
  return { day: 20_000, asOfMs: 1000 + total, online: 3, values }
}
const views = (count: number) => [{ path: '/tin', views: count, asOfMs: 5 }]

describe('EmbeddedSnapshots', () => {
  let folder: string
  let store: EmbeddedSnapshots
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truycap-snapshots-'))
    store = await EmbeddedSnapshots.open(folder)
  })
  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })

  async function reopened(): Promise<EmbeddedSnapshots> {
    await store.close()
    return (store = await EmbeddedSnapshots.open(folder))
  }

  it('has nothing at first', async () => {
    expect(await store.load()).toEqual([])
  })

  it('gives back after a restart what was saved last, site by site', async () => {
    await store.save([{ siteId: 'aa', snapshot: snapshot(1), views: views(1) }])
    await store.save([{ siteId: 'bb', snapshot: snapshot(2) }])
    await store.save([{ siteId: 'aa', snapshot: snapshot(3), views: views(9) }])
    expect(await (await reopened()).load()).toEqual([
      { siteId: 'aa', snapshot: snapshot(3), views: views(9) },
      { siteId: 'bb', snapshot: snapshot(2) },
    ])
  })

  it('leaves a part alone that is not saved', async () => {
    await store.save([{ siteId: 'aa', snapshot: snapshot(1), views: views(1) }])
    await store.save([{ siteId: 'aa', snapshot: snapshot(2) }])
    await store.save([{ siteId: 'zz_-9', views: views(4) }])
    await store.save([])
    expect(await store.load()).toEqual([
      { siteId: 'aa', snapshot: snapshot(2), views: views(1) },
      { siteId: 'zz_-9', views: views(4) },
    ])
  })

  it('leaves out what it cannot decode and keeps the rest', async () => {
    await store.save([{ siteId: 'aa', snapshot: snapshot(1) }])
    await store.close()
    const db = await DurableLevel.open(folder)
    await db.write([
      { type: 'put', key: 's:bb', value: Buffer.from('{torn') },
      { type: 'put', key: 's:cc', value: Buffer.from('{"format":2,"kept":{}}') },
    ])
    await db.close()
    store = await EmbeddedSnapshots.open(folder)
    expect(await store.load()).toEqual([{ siteId: 'aa', snapshot: snapshot(1) }])
  })
})
