const SLOTS = 16_384

/** Slot of a key that is one hash tag, as Redis Cluster computes it: CRC16 (XMODEM) mod 16,384. */
export function slotOf(tag: string): number {
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc % SLOTS
}

/**
 * The hash tags of all partitions. That of partition i lies in the i-th of equal ranges of slots ([512 i, 512 i + 511] of 32
 * partitions), because that is how masters share the slots: left to chance, one of three would get half of the partitions.
 */
export function hashTags(partitions: number): string[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const first = Math.floor((partition * SLOTS) / partitions)
    const end = Math.floor(((partition + 1) * SLOTS) / partitions)
    for (let n = 0; ; n++) {
      const tag = `${partition}.${n.toString(36)}`
      const slot = slotOf(tag)
      if (slot >= first && slot < end) return tag
    }
  })
}
