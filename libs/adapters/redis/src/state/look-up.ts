import { type BatchPlan, ID_MEMORY_MS, idDayOf, NO_STRETCHES, type Records, type Stretches } from '#domain'
import type { RedisReply } from '../connection/lua-script.js'
import { bucketKey, type Group, idGroup, isClosed, runGroup } from '../layout/groups.js'
import { bucketOf, usedLevels } from '../layout/levels.js'
import { decodeStretches, encodeIdField, encodeRunField } from '../layout/records.codec.js'
import { Calls } from './calls.js'
import type { KnownState } from './known-state.js'

/** Records of a plan, and the level at which each run record lies (-1: there is none). */
export interface Loaded {
  readonly stamp: string
  readonly records: Records
  readonly runLevels: Int8Array
}

/** The fields asked of one bucket, and the slots that they are for. */
interface Bucket {
  readonly key: string
  readonly level: number
  readonly fields: Buffer[]
  readonly slots: number[]
}

/** The calls that load what a plan needs of a state, and the reading of their answers. */
export class LookUp {
  readonly calls = new Calls()
  private readonly runBuckets = new Map<string, Bucket>()
  private readonly idBuckets = new Map<string, Bucket>()
  private readonly askedRuns: readonly Bucket[]
  private readonly askedIds: readonly Bucket[]

  constructor(
    private readonly known: KnownState,
    private readonly plan: BatchPlan,
  ) {
    for (const [slot, key] of plan.runs.entries()) {
      const words = [key.visitorHigh, key.visitorLow, key.pathHigh, key.pathLow] as const
      this.ask(this.runBuckets, runGroup(key.day, key.site), words, encodeRunField(key), slot)
    }
    const idDays = openIdDays(known.streamTimeMs)
    for (const [slot, key] of plan.ids.entries()) {
      const field = encodeIdField(key)
      for (const day of idDays) this.ask(this.idBuckets, idGroup(day, key.site), key.words, field, slot)
    }
    this.askedRuns = this.call(this.runBuckets)
    this.askedIds = this.call(this.idBuckets)
  }

  private ask(
    buckets: Map<string, Bucket>,
    group: Group,
    words: readonly [number, number, number, number],
    field: Buffer,
    slot: number,
  ): void {
    const counts = this.known.groups.get(group)
    if (counts === undefined || isClosed(group, this.known.streamTimeMs)) return
    for (const level of usedLevels(counts)) {
      const key = bucketKey(group, level, bucketOf(level, ...words))
      let bucket = buckets.get(key)
      if (bucket === undefined) buckets.set(key, (bucket = { key, level, fields: [], slots: [] }))
      bucket.fields.push(field)
      bucket.slots.push(slot)
    }
  }

  /** In the order in which equal calls are one run. */
  private call(buckets: ReadonlyMap<string, Bucket>): Bucket[] {
    const sorted = [...buckets.values()].sort((a, b) => a.fields.length - b.fields.length)
    for (const { key, fields } of sorted) this.calls.sliced('HMGET', key, fields, 1)
    return sorted
  }

  take(answers: readonly RedisReply[]): Loaded {
    const values = (answers as readonly RedisReply[][]).flat()
    const runs: Stretches[] = this.plan.runs.map(() => NO_STRETCHES)
    const runLevels = new Int8Array(runs.length).fill(-1)
    const known = this.plan.ids.map(() => false)
    let at = 0
    for (const { slots, level } of this.askedRuns) {
      for (const slot of slots) {
        const value = values[at++]
        if (value === null) continue
        runs[slot] = decodeStretches(value as Buffer)
        runLevels[slot] = level
      }
    }
    for (const { slots } of this.askedIds)
      for (const slot of slots) {
        const value = values[at++]
        if (value !== null) known[slot] = true
      }
    return { stamp: this.known.stamp, records: { runs, known }, runLevels }
  }
}

/** The days whose ids may still be remembered at a stream time. */
function openIdDays(streamTimeMs: number): number[] {
  const last = idDayOf(streamTimeMs)
  const first = idDayOf(streamTimeMs - ID_MEMORY_MS) - 1
  return Array.from({ length: last - first + 1 }, (_, n) => first + n)
}
