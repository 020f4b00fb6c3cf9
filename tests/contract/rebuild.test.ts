import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Logger } from '@nestjs/common'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppendedEvent, BatchPlan, bucketsOf, type Event, lastClosedDay, lastDroppedDay, reduce } from '#domain'
import { bytesOf, eventOf } from '#domain/testing'
import {
  ClickHouseConnection,
  ClickHouseDaySealer,
  ClickHouseEventStore,
  ClickHouseRebuildSource,
  migrate,
} from '#adapters/clickhouse'
import { EmbeddedCounters, type Engine, startEngine } from '#adapters/embedded'
import type { Counters, StoredEvent, StoredSpan } from '#ports'
import { CountersRebuilder } from '../../apps/aggregator/src/counters/counters.rebuilder.js'
import { newPartition } from '../../libs/ports/testing/day-sealer.contract.js'

const SITES = ['aa', 'bb']
const PATHS = ['/', '/a', '/tin/12']
const FIRST_DAY = 20_500
const HOUR = 3600
const DAY_MS = 86_400_000

type Placed = AppendedEvent & { readonly offset: number }

/** One record of a log of about twelve days: when it was appended after the one before, and what it says. */
const step = fc.record({
  afterMinutes: fc.constantFrom(0, 1, 5, 29, 30, 31, 200, 900, 1440),
  type: fc.constantFrom<Event['type']>('view', 'view', 'view', 'event', 'heartbeat', 'leave'),
  site: fc.constantFrom(...SITES),
  /** Up to 48 h old when received, up to 24 h under way. */
  oldHours: fc.constantFrom(0, 0, 0, 0, 1, 20, 48),
  underWayHours: fc.constantFrom(0, 0, 0, 23),
  visitor: fc.constantFrom(1, 2, 3, null),
  path: fc.constantFrom(...PATHS),
  timeout: fc.constantFrom(300, 1800, 3600),
  entry: fc.boolean(),
  /** 0: an id of its own; else a repeat of the record that many before. */
  repeatOf: fc.constantFrom(0, 0, 0, 0, 0, 1, 3, 9),
})

const logs = fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }).map((steps) => {
  const log: Placed[] = []
  let atMs = FIRST_DAY * DAY_MS + 5 * HOUR * 1000
  for (const [
    offset,
    { afterMinutes, repeatOf, oldHours, underWayHours, visitor, timeout, ...rest },
  ] of steps.entries()) {
    atMs += afterMinutes * 60_000
    const original = log[offset - repeatOf]
    const receivedAtMs = atMs - underWayHours * HOUR * 1000
    const t = receivedAtMs / 1000 - oldHours * HOUR
    const day = Math.floor(t / 86_400)
    const event = eventOf({
      ...rest,
      id: repeatOf > 0 && original ? original.event.id : bytesOf(16, offset + 1),
      idAtMs: t * 1000,
      receivedAtMs,
      t,
      day,
      visitor: visitor && bytesOf(8, visitor * 1000 + day),
      onlineId: visitor && oldHours <= 1 ? bytesOf(8, visitor) : null,
      visitTimeout: timeout,
    })
    // A repeat says what the first one said, or it would be undefined which of them counts, and for how long it is known.
    const first = log.find((earlier) => isCopy(earlier.event, event))
    log.push({ event: first?.event ?? event, appendedAtMs: atMs, offset })
  }
  return log.filter(({ event, appendedAtMs }) => appendedAtMs - event.receivedAtMs <= DAY_MS).map(renumbered)
})

const isCopy = (one: Event, other: Event) => one.site === other.site && Buffer.compare(one.id, other.id) === 0

/** Mostly somewhere in the middle. */
const share = fc.integer({ min: 0, max: 100 }).map((n) => (n < 10 ? 1 : n / 100))

const renumbered = (record: Placed, offset: number): Placed => ({ ...record, offset })

describe('a rebuild of the counters from the store', () => {
  let folder: string
  let engine: Engine
  let connection: ClickHouseConnection
  beforeAll(async () => {
    Logger.overrideLogger(false)
    folder = await mkdtemp(join(tmpdir(), 'truycap-rebuild-'))
    engine = await startEngine({ dataDir: join(folder, 'clickhouse') })
    const { username, password, database } = engine
    connection = new ClickHouseConnection({ url: () => engine.url(), username, password, database })
    await migrate(connection)
  })
  afterAll(async () => {
    await connection.close()
    await engine.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** The store's side of one run, in a partition of its own that the counters call 0. */
  const storeOf = (partition: number) => {
    const [store, sealer] = [new ClickHouseEventStore(connection, 1000), new ClickHouseDaySealer(connection)]
    const source = new ClickHouseRebuildSource(connection)
    return {
      position: () => store.position(partition),
      insert: (span: StoredSpan, rows: Iterable<Omit<StoredEvent, 'partition'>>) => {
        const own = [...rows].map((row) => ({ ...row, partition }))
        return store.insert({ ...span, partition }, own)
      },
      storedUntil: store.storedUntil.bind(store),
      damage: store.damage.bind(store),
      mended: store.mended.bind(store),
      erase: store.erase.bind(store),
      numbers: store.numbers.bind(store),
      views: store.views.bind(store),
      sealedThrough: () => sealer.sealedThrough(partition),
      seal: (_: number, day: number) => sealer.seal(partition, day),
      dropRaw: (_: number, day: number) => sealer.dropRaw(partition, day),
      tail: (_: number, first: number, sinceMs: number) => source.tail(partition, first, sinceMs),
      sealedDays: (_: number, day: number) => source.sealedDays(partition, day),
      sealedViews: (_: number, day: number) => source.sealedViews(partition, day),
      events: (_: number, day: number, offset: number) => source.events(partition, day, offset),
    }
  }

  const newCounters = async () =>
    EmbeddedCounters.open({ folder: await mkdtemp(join(folder, 'counters-')), partitions: 1, checkpointEveryMs: 1e9 })

  async function apply(counters: Counters, records: readonly Placed[]): Promise<void> {
    if (records.length === 0) return
    const plan = new BatchPlan(records)
    const from = records[0]!.offset
    const operations = reduce(plan, await counters.load(0, plan))
    expect(await counters.commit(0, from, operations, from + records.length)).toEqual({ applied: true })
  }

  async function everything(counters: EmbeddedCounters, log: readonly Placed[], site: string, nowSeconds: number) {
    const buckets = [...new Set(log.flatMap(({ event }) => Object.values(bucketsOf(event.day))))]
    const query = { buckets, onlineAfter: nowSeconds - 1800, onlineUntil: nowSeconds }
    const { buckets: values, online } = await counters.read(site, query)
    const { views } = await counters.views(site, PATHS)
    const lately = log.filter(({ appendedAtMs, event }) => {
      const isFirst = log.every((other) => other.appendedAtMs >= appendedAtMs || !isCopy(other.event, event))
      return isFirst && appendedAtMs > (nowSeconds - 72 * HOUR) * 1000
    })
    const { known } = await counters.load(0, new BatchPlan(lately))
    return { numbers: Object.fromEntries(buckets.map((bucket, n) => [bucket, values[n]])), online, views, known }
  }

  it(
    'gives the state that the whole log gives: numbers, views, ids and who is online',
    { timeout: 240_000 },
    async () => {
      const property = fc.asyncProperty(
        logs,
        share,
        share,
        fc.constantFrom(0, 60, 7 * 24 * HOUR, 500 * 24 * HOUR),
        async (anyLog, storedShare, cutShare, idleSeconds) => {
          // All runs share one store, in which a site lives in one partition.
          const partition = newPartition(1000)
          const nameOf = (site: string) => `${site}-${partition}`
          const log = anyLog.map((record) => ({
            ...record,
            event: { ...record.event, site: nameOf(record.event.site) },
          }))
          const position = Math.floor(log.length * storedShare)
          const stored = log.slice(0, position)
          const lastMs = log.at(-1)!.appendedAtMs
          // A log that is read to its end may be idle since; one that is not is at its last stored record.
          const streamMs = position === log.length ? lastMs + idleSeconds * 1000 : (stored.at(-1)?.appendedAtMs ?? 0)
          const nowMs = lastMs + idleSeconds * 1000
          // A log is cut by age, far before anyone who is online now.
          const old = stored.filter(({ appendedAtMs }) => appendedAtMs < nowMs - 3 * HOUR * 1000)
          const first = Math.floor(old.length * cutShare)
          const store = storeOf(partition)
          await store.insert(
            { partition: 0, from: 0, next: position, appendedAtMs: stored.at(-1)?.appendedAtMs ?? 0 },
            stored,
          )
          await store.seal(0, lastClosedDay(streamMs))
          await store.dropRaw(0, lastDroppedDay(streamMs))
          const [plain, rebuilt] = [await newCounters(), await newCounters()]
          await apply(plain, log)
          const rebuilder = new CountersRebuilder(rebuilt, store, store, store, { now: () => nowMs })
          const next = await rebuilder.rebuild(0, { first, end: log.length, signal: new AbortController().signal })
          expect(next).toBeGreaterThanOrEqual(first)
          expect(await rebuilt.next(0)).toBe(next)
          await apply(rebuilt, log.slice(next))
          for (const counters of [plain, rebuilt]) await counters.caughtUp(0, log.length, nowMs)
          for (const site of SITES) {
            const seconds = Math.floor(nowMs / 1000)
            const expected = await everything(plain, log, nameOf(site), seconds)
            expect(await everything(rebuilt, log, nameOf(site), seconds)).toEqual(expected)
          }
          await Promise.all([plain.close(), rebuilt.close()])
        },
      )
      await fc.assert(property, { numRuns: 12, endOnFailure: true })
    },
  )
})
