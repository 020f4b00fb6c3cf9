/**
 * Which partition a site lives in: Kafka's murmur2 of its id, as the Java client computes it. One site in one
 * partition keeps the repeats of an id together, whatever address a retry comes from.
 */
export function partitionOf(siteId: string, partitions: number): number {
  return partitions === 1 ? 0 : (murmur2(siteId) & 0x7fffffff) % partitions
}

const M = 0x5bd1e995

/** Site ids are ASCII, so characters are bytes. */
export function murmur2(ascii: string): number {
  const length = ascii.length
  let h = 0x9747b28c ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = word(ascii, i)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  if (i < length) h = Math.imul(h ^ word(ascii, i), M)
  h ^= h >>> 13
  h = Math.imul(h, M)
  return h ^ (h >>> 15)
}

/** Up to four characters from `at`, little end first. */
function word(ascii: string, at: number): number {
  let bits = 0
  for (let i = Math.min(at + 4, ascii.length) - 1; i >= at; i--) bits = (bits << 8) | (ascii.charCodeAt(i) & 0xff)
  return bits
}
