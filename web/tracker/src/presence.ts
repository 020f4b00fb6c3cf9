import { flush } from './delivery.js'
import { engagedSeconds } from './engaged-time.js'
import { heartbeatWaitMs } from './heartbeat.js'
import { countedAt, send } from './sender.js'

let heartbeatMs = Infinity
let inputAt = 0
let visibleSince = 0
let visibleMs = 0
let timer: ReturnType<typeof setTimeout> | 0 = 0

/** Whether somebody can see the page; a prerendered one is not seen yet. */
export function isVisible(): boolean {
  return !document.hidden && !(document as { prerendering?: boolean }).prerendering
}

function beat(): void {
  clearTimeout(timer)
  timer = 0
  if (!isVisible()) return
  let waitMs = heartbeatWaitMs(performance.now(), countedAt, inputAt, heartbeatMs)
  if (waitMs <= 0) {
    send('heartbeat')
    waitMs = heartbeatMs
  }
  if (waitMs < Infinity) timer = setTimeout(beat, waitMs)
}

/** The reader is in front of the page. */
export function show(): void {
  inputAt = performance.now()
  visibleSince = visibleSince || inputAt
  // Not at once: on a return from the back/forward cache the view comes in the same task and makes it needless.
  setTimeout(beat)
}

/** The page is hidden or goes away, perhaps for good: what is still to be said is said now. */
export function hide(): void {
  if (visibleSince) visibleMs += performance.now() - visibleSince
  visibleSince = 0
  const d = engagedSeconds(visibleMs)
  if (d) {
    visibleMs = 0
    send('leave', { d })
  }
  flush()
}

function touch(): void {
  inputAt = performance.now()
  // Without a timer the heartbeats had stopped for want of input.
  if (!timer) beat()
}

/** Starts heartbeats, Infinity for none, and notices input. */
export function startPresence(everyMs: number): void {
  heartbeatMs = everyMs
  for (const input of ['pointerdown', 'pointermove', 'keydown', 'scroll']) {
    addEventListener(input, touch, true)
  }
}
