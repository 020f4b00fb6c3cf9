/** What a site's visitors are shown: the unit of today, week, month, year and total. */
export type Unit = 'visits' | 'pageviews' | 'visitors'
export type WeekStart = 'monday' | 'sunday'

/** A site that an owner registers and counts; the fields of contract section 5. */
export interface Site {
  readonly id: string
  readonly name: string
  /** `example.vn` or `*.example.vn`; empty = any host. */
  readonly hosts: readonly string[]
  readonly timeZone: string
  readonly weekStart: WeekStart
  readonly unit: Unit
  readonly onlineWindowSeconds: number
  readonly visitTimeoutSeconds: number
  readonly pageQueryKeys: readonly string[]
  readonly bots: 'drop' | 'count'
  /** Addresses and CIDRs whose beacons are dropped as `excluded`. */
  readonly excludedAddresses: readonly string[]
}

export const SITE_ID = /^[A-Za-z0-9_-]{2,32}$/

export const SITE_DEFAULTS: Omit<Site, 'id'> = {
  name: '',
  hosts: [],
  timeZone: 'Asia/Ho_Chi_Minh',
  weekStart: 'monday',
  unit: 'visits',
  onlineWindowSeconds: 300,
  visitTimeoutSeconds: 1800,
  pageQueryKeys: [],
  bots: 'drop',
  excludedAddresses: [],
}
