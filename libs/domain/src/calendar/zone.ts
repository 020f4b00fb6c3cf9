import { isoDate } from './day.js'

const DAY_SECONDS = 86_400
const SLOT_SECONDS = 900
/** A power of two. 512 slots are 5.3 days: what intake asks for spans 48 hours and the 4 of the online day. */
const SLOTS = 512
/** Zones held at once; the tz database has about 600 names. */
const MAX_ZONES = 1024
/** No zone was ever further from UTC: Manila was -15:56 until 1844, Metlakatla +15:14 until 1867. */
const MAX_OFFSET_SECONDS = 16 * 3600

/** Offsets of one zone, each in the place `slot mod SLOTS`; a newer slot overwrites an older one. */
interface ZoneTable {
  readonly format: Intl.DateTimeFormat
  readonly slots: Float64Array
  readonly offsets: Int32Array
}

const tables = new Map<string, ZoneTable>()
let lastZone = ''
let lastTable: ZoneTable | undefined

/** Whether the name is a zone of the tz database, in any case. Bare offsets like `+07:00` are not: Node versions differ on them. */
export function isTimeZone(name: string): boolean {
  return resolvedName(name) !== null
}

/**
 * One name for one zone (contract section 1, Calendar): `Asia/Saigon` is `Asia/Ho_Chi_Minh`, whatever the case.
 * Of other zones only the case is corrected, where the runtime knows it; a name that is no zone stays as it is.
 */
export function canonicalZone(name: string): string {
  const resolved = resolvedName(name)
  if (resolved === 'Asia/Saigon' || resolved === 'Asia/Ho_Chi_Minh') return 'Asia/Ho_Chi_Minh'
  return resolved?.toLowerCase() === name.toLowerCase() ? resolved : name
}

function resolvedName(name: string): string | null {
  if (!/^[A-Za-z]/.test(name)) return null
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/** Local day of `t` (whole epoch seconds) in a zone: days since 1970-01-01 of the civil date. Throws RangeError on an unknown zone. */
export function localDay(zone: string, t: number): number {
  return Math.floor((t + offsetSeconds(zone, t)) / DAY_SECONDS)
}

/**
 * Seconds to add to `t` (whole epoch seconds) for the local time of a zone. Throws RangeError on an unknown zone.
 * Cached per (zone, 15-minute slot), because asking Intl for every event costs more than the rest of a rule.
 */
export function offsetSeconds(zone: string, t: number): number {
  const table = zone === lastZone && lastTable !== undefined ? lastTable : tableOf(zone)
  const slot = Math.floor(t / SLOT_SECONDS)
  const place = slot & (SLOTS - 1)
  return table.slots[place] === slot ? table.offsets[place]! : offsetOfNewSlot(table, slot, t)
}

function tableOf(zone: string): ZoneTable {
  let table = tables.get(zone)
  if (table === undefined) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    table = { format, slots: new Float64Array(SLOTS).fill(Number.NaN), offsets: new Int32Array(SLOTS) }
    if (tables.size >= MAX_ZONES) tables.clear()
    tables.set(zone, table)
  }
  lastZone = zone
  lastTable = table
  return table
}

function offsetOfNewSlot(table: ZoneTable, slot: number, t: number): number {
  const offset = slotOffset(table, slot)
  if (offset === null) return askIntl(table.format, t)
  const place = slot & (SLOTS - 1)
  table.slots[place] = slot
  table.offsets[place] = offset
  return offset
}

/** The one offset of a whole slot; null where a change falls inside it (St. John's changed at 00:01 until 2011). */
function slotOffset(table: ZoneTable, slot: number): number | null {
  const first = askIntl(table.format, slot * SLOT_SECONDS)
  return first === askIntl(table.format, slot * SLOT_SECONDS + SLOT_SECONDS - 1) ? first : null
}

const LONG_OFFSET = /GMT(?:([+\-\u2212])(\d{2}):(\d{2})(?::(\d{2}))?)?$/

function askIntl(format: Intl.DateTimeFormat, t: number): number {
  const parts = LONG_OFFSET.exec(format.format(t * 1000))
  if (parts === null) throw new Error('Intl gave no offset')
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = parts
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return sign === undefined || sign === '+' ? size : -size
}

/**
 * The first epoch second whose local day is `day`; for a day that a zone left out (Apia 2011-12-30), the first
 * second of the next day that it had. Not cached: for edges and reports, not for every event.
 */
export function startOfDay(zone: string, day: number): number {
  const table = tableOf(zone)
  const midnight = day * DAY_SECONDS
  for (let slot = Math.floor((midnight - MAX_OFFSET_SECONDS) / SLOT_SECONDS); ; slot++) {
    const start = slot * SLOT_SECONDS
    const offset = slotOffset(table, slot)
    if (offset !== null) {
      if (start + SLOT_SECONDS > midnight - offset) return Math.max(start, midnight - offset)
      continue
    }
    for (let t = start; t < start + SLOT_SECONDS; t++) if (t + askIntl(table.format, t) >= midnight) return t
  }
}

/** `2026-11-23T18:20:15+07:00`: an instant as RFC 3339 writes it in a zone. Offsets with seconds (before 1973) show them. */
export function isoInZone(zone: string, t: number): string {
  const offset = offsetSeconds(zone, t)
  const local = t + offset
  const day = Math.floor(local / DAY_SECONDS)
  return `${isoDate(day)}T${clock(local - day * DAY_SECONDS, true)}${offset < 0 ? '-' : '+'}${clock(Math.abs(offset), offset % 60 !== 0)}`
}

function clock(seconds: number, withSeconds: boolean): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (withSeconds) parts.push(seconds % 60)
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
