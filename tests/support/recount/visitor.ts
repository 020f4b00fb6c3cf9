import { isIPv4, isIPv6 } from 'node:net'
import { localDay } from './calendar.js'
import type { Fact, RecountSite } from './facts.js'
import { settingsOf } from './facts.js'

const FOUR_HOURS = 4 * 3600

const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))

/** The eight 16-bit groups of an IPv6 address. WHATWG URL writes every spelling in one canonical way. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  if (tail === undefined) return numbers(head)
  const [left, right] = [numbers(head), numbers(tail)]
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** What of an address tells visitors apart (contract section 1, Visitor): all of an IPv4, the /64 of an IPv6. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address
  const [withoutScope = ''] = address.split('%')
  if (!isIPv6(withoutScope)) return address
  const groups = groupsOf(withoutScope)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return groups.slice(0, 4).join(':')
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Who it is, without any day; undefined when the event has no visitor. Stands where the product hashes. */
function whoIs(fact: Fact): string | undefined {
  if (fact.privacy) return undefined
  if (fact.door === 'server' && fact.visitorName) return JSON.stringify(['name', fact.visitorName])
  if (fact.door === 'server' && !fact.address && !fact.userAgent) return undefined
  return JSON.stringify(['browser', networkOf(fact.address ?? ''), fact.userAgent ?? ''])
}

/** The visitor of the local day of `t`. Salts make the same browser another visitor every day. */
export function visitorOf(site: RecountSite, fact: Fact): string | undefined {
  const who = whoIs(fact)
  return who && `${localDay(fact.t, settingsOf(site, fact).timeZone)} ${who}`
}

/** The same with the day turning at four in the morning. */
export function onlineIdOf(site: RecountSite, fact: Fact): string | undefined {
  const who = whoIs(fact)
  return who && `${localDay(fact.t - FOUR_HOURS, settingsOf(site, fact).timeZone)} ${who}`
}

/** One spelling per id: a UUID is the same in either case, with or without dashes; any other id is taken verbatim. */
export function oneSpelling(id: string): string {
  const isUuid = /^[0-9a-f]{32}$/i.test(id) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
  return isUuid ? id.replaceAll('-', '').toLowerCase() : id
}
