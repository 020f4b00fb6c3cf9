/** Kind of device as far as a User-Agent tells it; consoles are `tv`, crawlers that a site counts are `bot`. */
export type DeviceClass = '' | 'desktop' | 'mobile' | 'tablet' | 'tv' | 'bot'

/** What a User-Agent tells of its bearer. Names are from a closed set and carry no version; '' is unknown. */
export interface UserAgentFacts {
  /** `Chrome`, `Cốc Cốc`, `Zalo`, ... */
  readonly browser: string
  /** Operating system: `Android`, `Windows`, ... */
  readonly system: string
  readonly device: DeviceClass
}

/**
 * Tells at intake, once per event, what may be known of a client before its address and User-Agent are forgotten.
 * Every call is synchronous, works in memory and takes any string; none throws.
 */
export interface ClientFactsReader {
  /**
   * Whether a User-Agent is on the list of known crawlers (contract section 2, drop reason `bot`).
   * An absent (empty) one is false here: the doors differ in what its absence means, so the caller judges it.
   */
  isCrawler(userAgent: string): boolean
  userAgentFacts(userAgent: string): UserAgentFacts
  /** Country of an IPv4, IPv6 or IPv4-mapped address; '' if unknown, private, reserved or no address at all. */
  country(address: string): string
}
export const CLIENT_FACTS = Symbol('ClientFactsReader')
