import {
  addTallies,
  type CounterValues,
  idDayOf,
  ONLINE_MEMORY_SECONDS,
  type Operations,
  type Tally,
  UNITS,
} from '#domain'
import type { RedisArgument } from '../connection/lua-script.js'
import { ADD } from '../connection/scripts.js'
import { counterPlace, unitField } from '../layout/counter-place.js'
import * as group from '../layout/groups.js'
import type { Group } from '../layout/groups.js'
import { bucketOf, LEVEL_BUCKETS, type LevelCounts, levelForNext } from '../layout/levels.js'
import { directoryKey } from '../layout/partition-keys.js'
import { encodeIdField, encodeRunField, encodeStretches } from '../layout/records.codec.js'
import { Calls } from './calls.js'
import type { KnownState } from './known-state.js'
import type { Loaded } from './look-up.js'

/** Names of closed keys that one commit deletes, at least about: an unlink costs Redis half a microsecond. */
const CLOSED_KEYS_AT_ONCE = 2000
const HOUR_MS = 3_600_000
const NOTHING = Buffer.alloc(0)

/** Operations as calls on the keys of a state, and what its directory is afterwards. */
export class StateChange {
  readonly calls = new Calls()
  readonly streamTimeMs: number
  readonly tally: Tally
  /** Groups that changed; null: gone. */
  private readonly changed = new Map<Group, LevelCounts | null>()
  private readonly hashes = new Map<string, RedisArgument[]>()
  private closed: KnownState['closed']

  constructor(
    private readonly known: KnownState,
    private readonly operations: Operations,
    private readonly loaded: Loaded,
  ) {
    this.streamTimeMs = Math.max(known.streamTimeMs, operations.streamTimeMs)
    this.tally = addTallies(known.tally, operations.outcomes)
    this.closed = known.closed
    this.erase()
    this.expire()
    this.setRuns()
    this.addIds()
    const hashes = [...this.hashes].sort(([, a], [, b]) => a.length - b.length) // equal calls are one run
    for (const [key, pairs] of hashes) this.calls.sliced('HSET', key, pairs, 2)
    this.raiseOnline()
    for (const { site, bucket, ...delta } of operations.counters) this.addCounters(site, bucket, delta)
    for (const { site, path, delta } of operations.views) this.addTo(group.viewsGroup(site), path, delta)
    this.writeDirectory()
  }

  /** The state after it, at `next`. Changes the known one. */
  applied(next: number, stamp: string): KnownState {
    const { groups } = this.known
    for (const [name, counts] of this.changed) {
      if (counts === null) groups.delete(name)
      else groups.set(name, counts)
    }
    const { streamTimeMs, tally, closed } = this
    return { ...this.known, next, stamp, streamTimeMs, tally, groups, closed }
  }

  private counts(name: Group): LevelCounts | undefined {
    return (this.changed.has(name) ? this.changed.get(name) : this.known.groups.get(name)) ?? undefined
  }

  private erase(): void {
    const erased = new Set(this.operations.erased)
    if (erased.size === 0) return
    for (const name of this.known.groups.keys()) if (erased.has(group.siteOf(name))) this.remove(name)
  }

  private remove(name: Group): number {
    const keys = group.keysOf(name, this.known.groups.get(name) ?? group.ONE_KEY)
    for (const key of keys) this.calls.add('UNLINK', key)
    this.changed.set(name, null)
    return keys.length
  }

  /** What is closed is out of every look-up at once; its keys go a few groups at a time, so that no commit takes long. */
  private expire(): void {
    const hour = Math.floor(this.streamTimeMs / HOUR_MS)
    if (hour !== this.closed.hour) {
      const names = [...this.known.groups.keys()]
      this.closed = { hour, groups: names.filter((name) => group.isClosed(name, this.streamTimeMs)) }
    }
    let keys = 0
    const left = this.closed.groups.filter((name) => {
      if (keys >= CLOSED_KEYS_AT_ONCE) return true
      if (this.changed.get(name) !== null) keys += this.remove(name)
      return false
    })
    this.closed = { hour, groups: left }
  }

  private setRuns(): void {
    const { plan, changedRuns, runs, erased } = this.operations
    for (const slot of changedRuns) {
      const key = plan.runs[slot]
      const name = group.runGroup(key.day, key.site)
      if (group.isClosed(name, this.streamTimeMs)) continue
      const held = erased.includes(key.site) ? -1 : this.loaded.runLevels[slot]
      const level = held >= 0 ? held : this.newRecord(name, group.runGroup(key.day - 1, key.site))
      const bucket = bucketOf(level, key.visitorHigh, key.visitorLow, key.pathHigh, key.pathLow)
      this.set(group.bucketKey(name, level, bucket), encodeRunField(key), encodeStretches(runs[slot]))
    }
  }

  private addIds(): void {
    const day = idDayOf(this.streamTimeMs)
    for (const slot of this.operations.newIds) {
      const key = this.operations.plan.ids[slot]
      const name = group.idGroup(day, key.site)
      const level = this.newRecord(name, group.idGroup(day - 1, key.site))
      this.set(group.bucketKey(name, level, bucketOf(level, ...key.words)), encodeIdField(key), NOTHING)
    }
  }

  /** The level that takes one more record of the group. */
  private newRecord(name: Group, dayBefore: Group): number {
    const counts = this.counts(name)
    const level = levelForNext(counts, this.counts(dayBefore))
    const after = [...(counts ?? LEVEL_BUCKETS.map(() => 0))]
    after[level]++
    this.changed.set(name, after)
    return level
  }

  private set(key: string, field: Buffer, value: Buffer): void {
    const pairs = this.hashes.get(key)
    if (pairs === undefined) this.hashes.set(key, [field, value])
    else pairs.push(field, value)
  }

  private raiseOnline(): void {
    const sites = new Map<string, { latest: number; pairs: RedisArgument[] }>()
    for (const { site, onlineId, t } of this.operations.online) {
      let raised = sites.get(site)
      if (raised === undefined) sites.set(site, (raised = { latest: t, pairs: [] }))
      raised.latest = Math.max(raised.latest, t)
      raised.pairs.push(t, Buffer.from(onlineId))
    }
    for (const [site, { latest, pairs }] of sites) {
      const name = this.oneKey(group.onlineGroup(site))
      this.calls.sliced('ZADD', name, pairs, 2, ['GT'])
      this.calls.add('ZREMRANGEBYSCORE', name, ['-inf', this.oldestOnline(latest)])
    }
  }

  /** No window reaches back to it: neither from the site's latest second nor, should that be ahead, from the log's time. */
  private oldestOnline(latest: number): number {
    return Math.min(latest, Math.floor(this.streamTimeMs / 1000)) - ONLINE_MEMORY_SECONDS
  }

  private addCounters(site: string, bucket: string, delta: CounterValues): void {
    const { chunk, field } = counterPlace(bucket)
    for (const unit of UNITS) this.addTo(group.counterGroup(chunk, site), unitField(field, unit), delta[unit])
  }

  private addTo(name: Group, field: string, delta: number): void {
    if (delta !== 0) this.calls.add(ADD, this.oneKey(name), [field, delta])
  }

  private oneKey(name: Group): Group {
    if (this.counts(name) === undefined) this.changed.set(name, group.ONE_KEY)
    return name
  }

  private writeDirectory(): void {
    const gone = [...this.changed].filter(([, counts]) => counts === null).map(([name]) => name)
    const set = [...this.changed].flatMap(([name, counts]) => (counts ? [name, group.encodeCounts(counts)] : []))
    this.calls.sliced('HDEL', directoryKey(''), gone, 1)
    this.calls.sliced('HSET', directoryKey(''), set, 2)
  }
}
