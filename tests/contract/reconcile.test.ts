import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddedCounters } from '#adapters/embedded'
import {
  ClickHouseConnection,
  ClickHouseDaySealer,
  ClickHouseEventStore,
  ClickHouseRecountSource,
  migrate,
} from '#adapters/clickhouse'
import { type AppendedEvent, BatchPlan, dayClosesAtMs, DRIFT_PERIODS, eraseEvent, reduce } from '#domain'
import type { StoredEvent } from '#ports'
import { DAY, MIDNIGHT, newPartition, siteIn, type Sketch, storedEvent, streamOf } from '#ports/testing'
import { Reconciler, type ReconcilerPorts } from '#reconcile'
import { type Engine, startEngine } from '../../libs/adapters/embedded/src/engine/engine.supervisor.js'

const PARTITIONS = 1000

describe('a reconciliation of real counters and a real store', () => {
  let folder: string
  let engine: Engine
  let connection: ClickHouseConnection
  let counters: EmbeddedCounters
  let store: ClickHouseEventStore
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truycap-reconcile-'))
    engine = await startEngine({ dataDir: join(folder, 'clickhouse') })
    const { username, password, database } = engine
    connection = new ClickHouseConnection({ url: () => engine.url(), username, password, database })
    await migrate(connection)
    counters = await EmbeddedCounters.open({ folder: join(folder, 'counters'), partitions: PARTITIONS })
    store = new ClickHouseEventStore(connection, PARTITIONS)
  })
  afterAll(async () => {
    await counters.close()
    await connection.close()
    await engine.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const count = async (partition: number, records: readonly AppendedEvent[]): Promise<void> => {
    const plan = new BatchPlan(records)
    const from = (await counters.next(partition)) ?? 0
    const operations = reduce(plan, await counters.load(partition, plan))
    const outcome = await counters.commit(partition, from, operations, from + records.length)
    expect(outcome).toEqual({ applied: true })
  }
  const checkOf = (
    partition: number,
    position = (asked: number) => store.position(asked),
    held: ReconcilerPorts['counters'] = counters,
  ) => {
    const source = new ClickHouseRecountSource(connection, PARTITIONS)
    const ports = { counters: held, reader: counters, store: { position }, source }
    return new Reconciler(ports, { patienceMs: 300, againAfterMs: 0 }).check(partition)
  }
  const rowsOf = (sketches: readonly Omit<Sketch, 'site' | 'offset'>[]) => {
    const partition = newPartition(PARTITIONS)
    const site = siteIn(partition, PARTITIONS)
    const rows = sketches.map((sketch, offset) => storedEvent({ ...sketch, site, offset, partition }))
    return { partition, site, rows }
  }

  it('finds no drift wherever the counters stand and however far the store is ahead', async () => {
    const property = fc.asyncProperty(
      fc.constant(null).chain(() => {
        const { partition, site } = rowsOf([])
        return streamOf(site).map((rows) => rows.map((row): StoredEvent => ({ ...row, partition })))
      }),
      fc.integer({ min: 1, max: 100 }),
      async (rows, share) => {
        const [{ partition }] = rows as [StoredEvent]
        await store.insert({ partition, from: 0, next: rows.length, appendedAtMs: 0 }, rows)
        await count(partition, rows.slice(0, Math.ceil((rows.length * share) / 100)))
        expect(await checkOf(partition)).toMatchObject({ partition, drifts: [], unaccounted: 0 })
      },
    )
    await fc.assert(property, { numRuns: 8, endOnFailure: true })
  })

  it('finds records that were passed without an outcome', async () => {
    const { partition, rows } = rowsOf([{ at: 0 }])
    await store.insert({ partition, from: 0, next: 1, appendedAtMs: 0 }, rows)
    await count(partition, rows)
    const tally = async () => ({ ...(await counters.tally(partition))!, next: 3 })
    const held = { sites: counters.sites.bind(counters), tally }
    expect(await checkOf(partition, undefined, held)).toMatchObject({ drifts: [], unaccounted: 2 })
  })

  it('finds an event that the store never got in the sums that it is in', async () => {
    const { partition, rows } = rowsOf([{ at: 0 }, { at: 9 * 86_400, path: '/lost' }])
    await store.insert({ partition, from: 0, next: 2, appendedAtMs: 0 }, rows.slice(0, 1))
    await count(partition, rows)
    // Of what only the counters have, the buckets that the store knows nothing of are not asked, but their sums are.
    const { drifts } = await checkOf(partition)
    expect(new Set(drifts.map(({ of, counted, stored }) => `${of} ${counted} ${stored}`))).toEqual(
      new Set(['t 2 1', 'm2026-03 2 1', 'y2026 2 1']),
    )
  })

  it('finds an event that was never counted in every period and in the views of its path', async () => {
    const { partition, rows } = rowsOf([{ at: 0 }, { at: 9 * 86_400, path: '/lost' }])
    await store.insert({ partition, from: 0, next: 2, appendedAtMs: 0 }, rows)
    const heartbeat = { ...rows[1]!, event: { ...rows[1]!.event, type: 'heartbeat' as const } }
    await count(partition, [rows[0]!, heartbeat])
    const { drifts } = await checkOf(partition)
    expect(new Set(drifts.map(({ period }) => period))).toEqual(new Set(DRIFT_PERIODS))
  })

  it('says nothing of a partition whose store is behind, and of one whose counters never stood at an end', async () => {
    const { partition, rows } = rowsOf([{ at: 0 }, { at: 1 }])
    await count(partition, rows)
    await store.insert({ partition, from: 0, next: 1, appendedAtMs: 0 }, rows.slice(0, 1))
    await expect(checkOf(partition)).rejects.toThrow('The store is at offset 1, not yet at 2')
    const { partition: lost, rows: stored } = rowsOf([{ at: 0 }])
    await store.insert({ partition: lost, from: 0, next: 1, appendedAtMs: 0 }, stored)
    await expect(checkOf(lost)).rejects.toThrow('caught up')
  })

  // offset    0      1      2: erasure
  // counters  .......|
  // store     ..............|
  it('takes an erasure that the store came to first for no drift, once the counters come to it too', async () => {
    const { partition, site, rows } = rowsOf([{ at: 0 }, { at: 1 }])
    const erasure = { event: eraseEvent(site, rows[1]!.event.receivedAtMs), appendedAtMs: rows[1]!.appendedAtMs }
    await count(partition, rows)
    await store.insert({ partition, from: 0, next: 2, appendedAtMs: 0 }, rows)
    await store.erase(site)
    await store.insert({ partition, from: 0, next: 3, appendedAtMs: 0 }, [])
    await expect(checkOf(partition)).rejects.toThrow('The counters are at offset 2, not yet at 3')
    let asked = 0
    const overtaken = async (one: number) => {
      if (++asked === 2) await count(partition, [erasure])
      return store.position(one)
    }
    expect((await checkOf(partition, overtaken)).drifts).toEqual([])
    expect(asked).toBeGreaterThan(2)
  })

  // day     |  DAY  |  DAY  | long after
  // offset  |   0   |   1   |   2
  // counters ...............|   the store has sealed DAY with both
  it('takes a day that was sealed after the cut from its raw events', async () => {
    const late = Math.ceil(dayClosesAtMs(DAY + 20) / 1000) - MIDNIGHT
    const { partition, rows } = rowsOf([{ at: 0 }, { at: 5000 }, { at: late }])
    await store.insert({ partition, from: 0, next: 3, appendedAtMs: 0 }, rows)
    await new ClickHouseDaySealer(connection).seal(partition, DAY + 19)
    for (const row of rows) {
      await count(partition, [row])
      expect((await checkOf(partition)).drifts).toEqual([])
    }
  })
})
