/**
 * Buckets of each level. Times 16: a level that has just begun has few records in many buckets, and so few of all that they
 * matter little (measured in docs/adr/0008).
 *
 * Records lie in hashes that are small enough for Redis to keep them as listpacks, a quarter of the memory. One site and day has
 * from one record to millions, and stored ones never move; so there are levels of ever more buckets: new records go to the
 * first level that is not full, old ones stay where they are, and a look-up asks every level in use.
 */
export const LEVEL_BUCKETS = [1, 16, 256, 4096, 65_536] as const
/**
 * Records a bucket on average at which a level is full. A bucket is a listpack up to 128 (`hash-max-listpack-entries`); chance
 * puts at most some 120 into the fullest, and one with more costs memory, nothing else.
 */
export const RECORDS_PER_BUCKET = 80

/** Records per level. */
export type LevelCounts = readonly number[]

const LAST = LEVEL_BUCKETS.length - 1
const capacity = (level: number) => LEVEL_BUCKETS[level] * RECORDS_PER_BUCKET

/**
 * The level that takes the next record. An empty table begins where the one of the day before would have fitted: so a large
 * site has one level, and a small one has one bucket.
 */
export function levelForNext(counts: LevelCounts | undefined, dayBefore: LevelCounts | undefined): number {
  const highest = counts?.findLastIndex((count) => count > 0) ?? -1
  let level = highest < 0 ? levelThatFits(dayBefore) : highest
  while (level < LAST && (counts?.[level] ?? 0) >= capacity(level)) level++
  return level
}

function levelThatFits(dayBefore: LevelCounts | undefined): number {
  if (dayBefore === undefined) return 0
  const total = dayBefore.reduce((sum, count) => sum + count, 0)
  const level = LEVEL_BUCKETS.findIndex((_, n) => total <= capacity(n))
  return level < 0 ? LAST : level
}

export function usedLevels(counts: LevelCounts | undefined): number[] {
  return LEVEL_BUCKETS.flatMap((_, level) => ((counts?.[level] ?? 0) > 0 ? [level] : []))
}

/**
 * The bucket of a record by its words, alike in every process for ever. Ids are the sender's choice: who crams them into one
 * bucket makes Redis spend three times the memory on them, and changes no number.
 */
export function bucketOf(level: number, a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a, 0x2c1b3c6d) ^ Math.imul(b, 0x297a2d39) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2f)
  h = Math.imul(h ^ (h >>> 13), 0x165667b1)
  return ((h ^ (h >>> 16)) >>> 0) % LEVEL_BUCKETS[level]
}
