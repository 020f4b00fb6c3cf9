import { dayClosesAtMs, idDayClosesAtMs } from '#domain'
import { LEVEL_BUCKETS, type LevelCounts, usedLevels } from './levels.js'

/**
 * All keys of one site that come and go together, `/` apart (a site id has none). The directory of a state lists every group
 * with its records per level, so that all keys of a site or a day are known without looking through the keyspace:
 *
 *     r20416/demo       run records of a local day     r20416/demo/0/0 ... hashes: visitor (+ path) -> stretches
 *     i20416/demo       ids of a UTC day of the log    i20416/demo/2/3ff   hashes: id -> nothing
 *     c2026-11/demo     counters of a month's buckets  hash
 *     call/demo         counters of years and total    hash
 *     v/demo            views of all paths             hash
 *     o/demo            online ids                     sorted set by time
 */
export type Group = string

export const runGroup = (day: number, site: string): Group => `r${day}/${site}`
export const idGroup = (idDay: number, site: string): Group => `i${idDay}/${site}`
export const counterGroup = (chunk: string, site: string): Group => `c${chunk}/${site}`
export const viewsGroup = (site: string): Group => `v/${site}`
export const onlineGroup = (site: string): Group => `o/${site}`

export const siteOf = (group: Group): string => group.slice(group.indexOf('/') + 1)

/** Counts of a group that is one key. */
export const ONE_KEY: LevelCounts = []

export const bucketKey = (group: Group, level: number, bucket: number): string =>
  `${group}/${level}/${bucket.toString(36)}`

/** The names of all keys that the group may have. */
export function keysOf(group: Group, counts: LevelCounts): string[] {
  if (counts.length === 0) return [group]
  return usedLevels(counts).flatMap((level) =>
    Array.from({ length: LEVEL_BUCKETS[level] }, (_, bucket) => bucketKey(group, level, bucket)),
  )
}

/** Whether nothing can reach the group any more at a stream time. */
export function isClosed(group: Group, streamTimeMs: number): boolean {
  const kind = group[0]
  if (kind !== 'r' && kind !== 'i') return false
  const day = Number(group.slice(1, group.indexOf('/')))
  return (kind === 'r' ? dayClosesAtMs(day) : idDayClosesAtMs(day)) < streamTimeMs
}

export const encodeCounts = (counts: LevelCounts): string => counts.join(',')
export const decodeCounts = (text: string): LevelCounts => (text === '' ? ONE_KEY : text.split(',').map(Number))
