import { type Event, NO_EVENT_FACTS } from './event.js'

/**
 * The control record that erases a site from all that is made of the log (contract section 5, DELETE). It says nothing but
 * when and which; the same one may lie in the log several times.
 */
export function eraseEvent(siteId: string, nowMs: number): Event {
  const t = Math.floor(nowMs / 1000)
  return {
    type: 'erase',
    site: siteId,
    id: new Uint8Array(16),
    idAtMs: nowMs,
    receivedAtMs: nowMs,
    t,
    day: Math.floor(t / 86_400),
    visitor: null,
    onlineId: null,
    visitTimeout: 0,
    entry: false,
    path: '',
    facts: NO_EVENT_FACTS,
  }
}
