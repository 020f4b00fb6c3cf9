const HOUR_MS = 3600 * 1000
const DAY_MS = 24 * HOUR_MS

/** An id is recognised as a repeat for at least this long (contract section 1, Counted event). */
export const ID_MEMORY_MS = 72 * HOUR_MS

/**
 * From which stream time on nothing can reach a local day any more: it ends last at UTC-12, a server event may be 48 h
 * old when received, and a received one may wait 24 h on a collector's disk.
 */
export function dayClosesAtMs(day: number): number {
  return (day + 1) * DAY_MS + 12 * HOUR_MS + 48 * HOUR_MS + 24 * HOUR_MS
}

/** The last local day that nothing can reach any more at a stream time: it and all before it are sealed. */
export function lastClosedDay(streamTimeMs: number): number {
  return Math.ceil((streamTimeMs - dayClosesAtMs(-1)) / DAY_MS) - 2
}

/** Raw events of a sealed day are kept for so many days; its numbers stay for ever. */
export const RAW_DAYS = 400

/** The last local day whose raw events are not kept any more at a stream time. */
export function lastDroppedDay(streamTimeMs: number): number {
  return Math.floor(streamTimeMs / DAY_MS) - RAW_DAYS - 1
}

/** Ids are remembered by the UTC day in which their first copy was appended, and forgotten a whole day at a time. */
export function idDayOf(appendedAtMs: number): number {
  return Math.floor(appendedAtMs / DAY_MS)
}

export function idDayClosesAtMs(idDay: number): number {
  return (idDay + 1) * DAY_MS + ID_MEMORY_MS
}

/** Online ids older than the largest `onlineWindowSeconds`, and an hour for clocks that differ, are in no number. */
export const ONLINE_MEMORY_SECONDS = 1800 + 3600
