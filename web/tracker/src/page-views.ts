import { readProps, TEXT_LENGTH, type BeaconFields } from './beacon.wire.js'
import { trimUrl, withoutFragment } from './page-url.js'
import { send } from './sender.js'

let addressSeen = ''
let viewUrl = ''
let referrer = ''

function sendFromPage(e: 'view' | 'event', title?: unknown, fields?: BeaconFields): void {
  // The door takes web pages only; a file or an about: page has nothing to count.
  if (!viewUrl.startsWith('http')) return
  const page = {
    u: viewUrl,
    r: referrer.slice(0, 1024),
    n: String(title || document.title).slice(0, TEXT_LENGTH),
    w: Math.min(innerWidth, 20_000),
    l: navigator.language,
    z: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  send(e, Object.assign(page, fields))
}

/**
 * Counts a view of this page, or of the URL given. Its referrer is the view before it in this document, if any.
 * Throws when the URL is none.
 */
export function view({ url, title }: { url?: unknown; title?: unknown }): void {
  const address = location.href
  const nextUrl = trimUrl(url ? new URL(String(url), address).href : address)
  referrer = viewUrl || document.referrer
  viewUrl = nextUrl
  addressSeen = withoutFragment(address)
  sendFromPage('view', title)
}

/** Counts a view unless the address is still the one of the last view. */
export function viewIfMoved(): void {
  if (withoutFragment(location.href) !== addressSeen) view({})
}

/** Reports a custom event on the page last viewed. The name is cut: the door refuses a longer one. */
export function event(name: unknown, props?: object): void {
  sendFromPage('event', '', { m: String(name).slice(0, 64), o: props && readProps(props) })
}
