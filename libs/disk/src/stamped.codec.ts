const HEADER_BYTES = 12
const LENGTH_BYTES = 4

/** Byte strings that were synced together, and when. */
export interface Stamped {
  readonly atMs: number
  readonly parts: readonly Uint8Array[]
}

/** Time (f64), number of parts (u32), then each part behind its length (u32), big end first. */
export function encodeStamped(atMs: number, parts: readonly Uint8Array[]): Uint8Array {
  let size = HEADER_BYTES
  for (const part of parts) size += LENGTH_BYTES + part.length
  const bytes = Buffer.allocUnsafe(size)
  bytes.writeDoubleBE(atMs, 0)
  bytes.writeUInt32BE(parts.length, 8)
  let at = HEADER_BYTES
  for (const part of parts) {
    bytes.writeUInt32BE(part.length, at)
    bytes.set(part, at + LENGTH_BYTES)
    at += LENGTH_BYTES + part.length
  }
  return bytes
}

/** The parts share the memory of `value`. Throws on a value that this code cannot have written; `where` names it. */
export function decodeStamped(value: Uint8Array, where: string): Stamped {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const count = bytes.length < HEADER_BYTES ? 1 : bytes.readUInt32BE(8)
  const parts: Uint8Array[] = []
  let at = HEADER_BYTES
  for (let i = 0; i < count; i++) {
    const from = at + LENGTH_BYTES
    if (from > bytes.length) throw new RangeError(`${where} is damaged.`)
    at = from + bytes.readUInt32BE(at)
    if (at > bytes.length) throw new RangeError(`${where} is damaged.`)
    parts.push(bytes.subarray(from, at))
  }
  return { atMs: bytes.readDoubleBE(0), parts }
}
