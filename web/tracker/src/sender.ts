import { randomBytes, uuidV7 } from './beacon-id.js'
import type { Beacon, BeaconFields } from './beacon.wire.js'
import { automationHints, privacySignal, type Surroundings } from './client-hints.js'
import { deliver } from './delivery.js'
import type { Settings } from './settings.js'

// There is one tracker in a page, so its state is state of its modules: every reader pays for the bytes of more.
let target: Settings

/** When the last beacon went that keeps the reader online, in milliseconds of `performance.now()`. */
export let countedAt = 0

/** Says where beacons go and for which site; to be called once, before `send`. */
export function aim(settings: Settings): void {
  target = settings
}

/** Makes a beacon and sends it. Hints and the privacy wish go with every kind, since each is judged alone. */
export function send(e: Beacon['e'], fields?: BeaconFields): void {
  // A leave is not looked at by the online number (contract section 1).
  if (e !== 'leave') countedAt = performance.now()
  const i = uuidV7(Date.now(), randomBytes())
  const b = automationHints(window as Surroundings)
  deliver(target.api, Object.assign({ v: 1 as const, s: target.site, e, i, b, g: privacySignal(navigator) }, fields))
}
