/** Values of an event's properties that the door takes. */
export type Props = Record<string, string | number | boolean>

/** What a beacon says beyond its name and id; keys and limits are those of contract section 2. */
export interface BeaconFields {
  u?: string
  r?: string
  n?: string
  w?: number
  l?: string
  z?: string
  a?: number
  d?: number
  m?: string | undefined
  o?: Props | undefined
  b?: number
  g?: number
}

/** One beacon as sent to `POST /c`. */
export interface Beacon extends BeaconFields {
  v: 1
  s: string
  e: 'view' | 'event' | 'heartbeat' | 'leave'
  i: string
}

/** The door keeps 200 units of a text and cuts at a code point; one more lets it see a pair that a cut here would split. */
export const TEXT_LENGTH = 201

/**
 * What of a caller's first 10 properties the door takes: texts, finite numbers and booleans. The rest is left out here,
 * because one value of a wrong type would have the whole event refused.
 */
export function readProps(input: object): Props {
  const props: Props = {}
  for (const [key, value] of Object.entries(input).slice(0, 10)) {
    const text = typeof value === 'string'
    if (text || typeof value === 'boolean' || Number.isFinite(value)) {
      props[key.slice(0, 32)] = text ? value.slice(0, TEXT_LENGTH) : value
    }
  }
  return props
}

/** The beacon's JSON. Empty texts, zeros and absent values are omitted: the door reads them as the same. */
export function encodeBeacon(beacon: Beacon): string {
  // A property of an event may well be false or 0, so only the beacon's own keys are looked at.
  return JSON.stringify(beacon, function (this: unknown, _key, value) {
    return this === beacon && !value ? undefined : value
  })
}
