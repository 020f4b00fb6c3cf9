import { hash } from 'node:crypto'
import type { Event } from '../event/event.js'
import { KeyTable } from './key-table.js'

/** An event with the time its record was appended to the log, which drives all expiry. */
export interface AppendedEvent {
  readonly event: Event
  readonly appendedAtMs: number
}

/** A visitor's visits of one local day, or its views of one path in that day. */
export interface RunKey {
  readonly site: string
  readonly day: number
  readonly visitorHigh: number
  readonly visitorLow: number
  /** First 64 bits of SHA-256 of the path; both 0 for the visits. */
  readonly pathHigh: number
  readonly pathLow: number
}

export interface IdKey {
  readonly site: string
  readonly words: readonly [number, number, number, number]
}

const NONE = -1
/** Room for the keys of one site in one batch before its table grows; small batches get less, as room costs garbage. */
const KEYS_PER_GROUP = 256

/**
 * The keys of all records that a batch can touch, each once, and for every event the slots of its records.
 * Made before anything is loaded; the same plan goes to `Counters.load`, to `reduce` and into the operations.
 */
export class BatchPlan {
  readonly runs: RunKey[] = []
  readonly ids: IdKey[] = []
  /** Slots per event; -1 where the event has no such record. */
  readonly visitSlots: Int32Array
  readonly pathSlots: Int32Array
  readonly idSlots: Int32Array

  private readonly groups = new Map<string, SiteDayGroup>()
  private readonly room: number

  constructor(readonly events: readonly AppendedEvent[]) {
    this.room = Math.min(KEYS_PER_GROUP, 2 * events.length)
    this.visitSlots = new Int32Array(events.length).fill(NONE)
    this.pathSlots = new Int32Array(events.length).fill(NONE)
    this.idSlots = new Int32Array(events.length).fill(NONE)
    for (let i = 0; i < events.length; i++) this.planEvent(i, events[i].event)
  }

  private planEvent(i: number, event: Event): void {
    if (event.type !== 'view' && event.type !== 'event') return
    this.idSlots[i] = this.idSlot(this.group(event.site, 0), event)
    if (event.visitor === null) return
    const group = this.group(event.site, event.day)
    this.visitSlots[i] = this.runSlot(group, event, 0, 0)
    if (event.type !== 'view') return
    const [high, low] = pathWords(event.path)
    this.pathSlots[i] = this.runSlot(group, event, high, low)
  }

  private group(site: string, day: number): SiteDayGroup {
    const key = `${day} ${site}`
    let group = this.groups.get(key)
    if (group === undefined) this.groups.set(key, (group = { table: new KeyTable(4, this.room), slots: [] }))
    return group
  }

  private runSlot(group: SiteDayGroup, event: Event, pathHigh: number, pathLow: number): number {
    const visitorHigh = readWord(event.visitor!, 0)
    const visitorLow = readWord(event.visitor!, 4)
    const row = group.table.add(visitorHigh, visitorLow, pathHigh, pathLow)
    if (row === group.slots.length) {
      group.slots.push(this.runs.length)
      this.runs.push({ site: event.site, day: event.day, visitorHigh, visitorLow, pathHigh, pathLow })
    }
    return group.slots[row]
  }

  private idSlot(group: SiteDayGroup, event: Event): number {
    const a = readWord(event.id, 0)
    const b = readWord(event.id, 4)
    const c = readWord(event.id, 8)
    const d = readWord(event.id, 12)
    const row = group.table.add(a, b, c, d)
    if (row === group.slots.length) {
      group.slots.push(this.ids.length)
      this.ids.push({ site: event.site, words: [a, b, c, d] })
    }
    return group.slots[row]
  }
}

interface SiteDayGroup {
  readonly table: KeyTable
  readonly slots: number[]
}

export function readWord(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

const PATH_CACHE_LIMIT = 20_000
const pathCache = new Map<string, readonly [number, number]>()

/** 64 bits of a path: enough to keep one visitor's paths of one day apart. */
export function pathWords(path: string): readonly [high: number, low: number] {
  let words = pathCache.get(path)
  if (words === undefined) {
    const digest = hash('sha256', path, 'buffer')
    words = [digest.readUInt32BE(0), digest.readUInt32BE(4)]
    if (pathCache.size >= PATH_CACHE_LIMIT) pathCache.clear()
    pathCache.set(path, words)
  }
  return words
}
