import { hashTags } from './hash-tag.js'

/** Names of the keys of one partition; all bear its hash tag, so one master has them all. */
export interface PartitionKeys {
  /** Which generation of the state is live, and which others have keys. */
  readonly root: string
  /** Prefix of all keys of one generation. */
  generation(gen: string): string
}

/** Of a generation: what it stands at (`next`, stamp, stream time, caught up). */
export const headerKey = (generation: string): string => `${generation}header`
/** Of a generation: its groups. */
export const directoryKey = (generation: string): string => `${generation}groups`

export function partitionKeys(prefix: string, partitions: number): PartitionKeys[] {
  return hashTags(partitions).map((tag) => ({
    root: `${prefix}:{${tag}}`,
    generation: (gen) => `${prefix}:{${tag}}${gen}/`,
  }))
}
