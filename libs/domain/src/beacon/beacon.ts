import type { ReportedType } from '../event/event.js'

/** Sizes of a body of `POST /c` (contract section 2). */
export const MAX_BEACONS = 20
export const MAX_OBJECT_BYTES = 8 * 1024
export const MAX_ARRAY_BYTES = 64 * 1024

/** Lengths of texts in UTF-16 units and ranges of numbers, the same at every intake door (contract sections 2 and 3). */
export const LIMITS = {
  url: 2_048,
  referrer: 1_024,
  title: 200,
  language: 35,
  zone: 40,
  name: 64,
  width: 20_000,
  ageMs: 86_400_000,
  engagedSeconds: 3_600,
  hints: 255,
  propKeys: 10,
  propKey: 32,
  propValue: 200,
} as const

/** A beacon that keeps every rule of contract section 2, under long names; '' or 0 where the sender said nothing. */
export interface Beacon {
  readonly siteId: string
  readonly type: ReportedType
  /** 16 bytes of a UUID version 7. */
  readonly id: Uint8Array
  /** Absolute http(s) URL of the page that `new URL` accepts; '' on heartbeat and leave. */
  readonly url: string
  readonly referrer: string
  readonly title: string
  /** Viewport width in CSS pixels; 0 unknown. */
  readonly width: number
  readonly language: string
  readonly zone: string
  /** How long the beacon waited in the browser. */
  readonly ageMs: number
  /** Of a leave; 0 otherwise. */
  readonly engagedSeconds: number
  /** Of a custom event; '' otherwise. */
  readonly name: string
  /** Properties of a custom event as the text of a flat JSON object; '' when it has none. */
  readonly props: string
  /** Automation hints; bit 0 is webdriver. */
  readonly hints: number
  /** The reader asked for privacy (GPC or DNT), so the beacon has no visitor. */
  readonly privacy: boolean
}
