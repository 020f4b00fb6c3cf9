import { encodeBeacon, type Beacon } from './beacon.wire.js'

/** What came back: an HTTP status, 0 = no answer, and the text of `Retry-After`. */
export type Answer = [status: number, retryAfter?: string | null]

/** Sends one beacon by the best way this browser has; never rejects, whatever the page did to `fetch`. */
export async function transmit(api: string, beacon: Beacon): Promise<Answer> {
  const url = `${api}/c`
  const body = encodeBeacon(beacon)
  try {
    if ('keepalive' in Request.prototype) {
      // A text body is sent as text/plain, which needs no preflight; keepalive outlives the page.
      const response = await fetch(url, { method: 'POST', body, keepalive: true, credentials: 'omit' })
      return [response.status, response.headers.get('Retry-After')]
    }
    // The image door knows views only and ignores keys that it does not use (contract section 2).
    if (!(navigator.sendBeacon && navigator.sendBeacon(url, body)) && beacon.e === 'view') {
      new Image().src = `${url}.gif?${new URLSearchParams(JSON.parse(body))}`
    }
    // What these two are answered cannot be seen, so it counts as kept.
    return [204]
  } catch (error) {
    void error
    return [0]
  }
}
