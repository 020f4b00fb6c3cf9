/** Which shown number an offset entry adds to (contract section 5). */
export const OFFSET_FIELDS = ['total', 'year', 'month', 'week', 'today', 'views'] as const
export type OffsetField = (typeof OFFSET_FIELDS)[number]

/** No number may be carried over, or made, larger than this: far beyond any site, and sums of thousands stay exact. */
export const MOST_SHOWN = 999_999_999_999
export const MOST_REASON_LENGTH = 200
export const MOST_OFFSET_PATH_LENGTH = 2048

/** What an owner asks for: a number to be shown, or one to be added. `path` is normalised, and '' unless `field` is `views`. */
export interface OffsetRequest {
  readonly field: OffsetField
  readonly path: string
  readonly reason: string
  readonly amount: { readonly shown: number } | { readonly add: number }
}

/** What an offset entry says, apart from when and by whom. */
export interface OffsetLine {
  readonly field: OffsetField
  /** Normalised; '' unless `field` is `views`. */
  readonly path: string
  readonly add: number
  /** What the owner typed; null when `add` was typed. */
  readonly shown: number | null
  readonly reason: string
}

/** A number carried over from an older counter (số khởi điểm), kept apart from what was measured. Never changed, only reversed. */
export interface OffsetEntry extends OffsetLine {
  readonly id: string
  /** Local day of its creation in the site's zone: it belongs to the buckets that hold this day. */
  readonly day: number
  readonly createdAtMs: number
  /** Id of the key that made it, or `admin`. */
  readonly by: string
  readonly reversed: { readonly atMs: number; readonly by: string } | null
}

/** Where an entry was made: the site's revision, and its place in the request from 1. */
export interface EntryPlace {
  readonly revision: number
  readonly place: number
}

const ENTRY_ID = /^([1-9]\d{0,9})-([1-9]\d{0,5})$/

/** `7-1`: unique within its site, and needs no room of its own. */
export function entryId({ revision, place }: EntryPlace): string {
  return `${revision}-${place}`
}

/** Null for text that is no id of an entry. */
export function parseEntryId(text: string): EntryPlace | null {
  const parts = ENTRY_ID.exec(text)
  return parts === null ? null : { revision: Number(parts[1]), place: Number(parts[2]) }
}
