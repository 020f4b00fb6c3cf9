import type { ReportedType } from '#domain'

/** What the sender said of an event, in the words that both doors share; `Beacon` and `ServerEvent` are such. */
export interface Said {
  readonly siteId: string
  readonly type: ReportedType
  readonly id: Uint8Array
  /** '' on heartbeat and leave. */
  readonly url: string
  readonly referrer: string
  readonly title: string
  readonly language: string
  readonly name: string
  readonly props: string
  readonly zone?: string
  readonly width?: number
  readonly engagedSeconds?: number
}

/** Who is behind an event. Never kept: what may be known of it is stamped on the event. */
export interface Reader {
  /** '' unknown. */
  readonly address: string
  /** Of the address, as `networkOf` cuts it. */
  readonly network: string
  /** '' absent. */
  readonly userAgent: string
  /** A name that stands for address and User-Agent in the visitor hash; '' = they do themselves. */
  readonly visitorName: string
}

/** One event as a door saw it: what was said, by whom, when. All of it well-formed, nothing of it judged. */
export interface Sighting {
  readonly said: Said
  readonly reader: Reader
  readonly receivedAtMs: number
  /** When it happened by the server's clock, ms: receipt minus age, or `at`. */
  readonly atMs: number
  readonly idAtMs: number
  /** It has no visitor (contract section 1, Visitor): privacy was asked for, or nothing tells the reader. */
  readonly anonymous: boolean
  /** The door itself took it for an automat's: no User-Agent, or webdriver. */
  readonly automated: boolean
  readonly prefetch: boolean
}
