import type { IdKey, RunKey, Stretches } from '#domain'

const STRETCH_BYTES = 6

/** 8 bytes of a visitor's visits, 16 of its views of a path: so both can lie in one hash. */
export function encodeRunField(key: RunKey): Buffer {
  const { visitorHigh, visitorLow, pathHigh, pathLow } = key
  return pathHigh === 0 && pathLow === 0
    ? words(visitorHigh, visitorLow)
    : words(visitorHigh, visitorLow, pathHigh, pathLow)
}

/** All 128 bits: two ids that differ are never taken for one. */
export const encodeIdField = (key: IdKey): Buffer => words(...key.words)

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  for (let i = 0; i < values.length; i++) bytes.writeUInt32BE(values[i], 4 * i)
  return bytes
}

/** 6 bytes a stretch, in order of start. */
export function encodeStretches(stretches: Stretches): Buffer {
  const bytes = Buffer.allocUnsafe(STRETCH_BYTES * stretches.length)
  for (let i = 0; i < stretches.length; i++) bytes.writeUIntBE(stretches[i], STRETCH_BYTES * i, STRETCH_BYTES)
  return bytes
}

export function decodeStretches(bytes: Buffer): Stretches {
  const stretches: number[] = []
  for (let at = 0; at < bytes.length; at += STRETCH_BYTES) stretches.push(bytes.readUIntBE(at, STRETCH_BYTES))
  return stretches
}
